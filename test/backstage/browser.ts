// As much of a browser as signing in needs: cookies, redirects one by one, and what the callback's page hands to the app.

export type SignedIn = {
  profile: { displayName?: string }
  backstageIdentity?: { token: string; identity: { userEntityRef: string } }
}
type Trouble = { name: string; message: string }
export type Outcome = { response?: SignedIn; error?: Trouble }

export class Browser {
  readonly #url: string
  readonly #environment: string
  readonly #cookies = new Map<string, string>()

  constructor(url: string, environment = 'production') {
    this.#url = url
    this.#environment = environment
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const response = await fetch(path.startsWith('http') ? path : `${this.#url}${path}`, {
      headers: { ...headers, cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      redirect: 'manual',
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /** Up to the address that GHES sends the browser back to. */
  async authorized(): Promise<string> {
    const start = await this.get(`/api/auth/github/start?env=${this.#environment}`)
    const authorize = await fetch(start.headers.get('location') ?? '', { redirect: 'manual' })
    return authorize.headers.get('location') ?? ''
  }

  async callback(address: string): Promise<Outcome> {
    const page = await (await this.get(address)).text()
    const [, message = ''] = /authResponse = decodeURIComponent\('([^']*)'\)/.exec(page) ?? []
    return JSON.parse(decodeURIComponent(message)) as Outcome
  }

  async signIn(): Promise<Outcome> {
    return this.callback(await this.authorized())
  }

  async refresh(sameSite = true): Promise<Partial<SignedIn> & { error?: Trouble }> {
    const headers = sameSite ? { 'x-requested-with': 'XMLHttpRequest' } : {}
    return (
      await this.get(`/api/auth/github/refresh?env=${this.#environment}`, headers as Record<string, string>)
    ).json() as Promise<Partial<SignedIn> & { error?: Trouble }>
  }

  async signOut(): Promise<void> {
    const response = await fetch(`${this.#url}/api/auth/github/logout?env=${this.#environment}`, {
      method: 'POST',
      headers: {
        'x-requested-with': 'XMLHttpRequest',
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    })
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
    for (const cookie of response.headers.getSetCookie()) this.#cookies.delete(cookie.split('=')[0] ?? '')
  }
}
