// A GitHub App at the stand-in GHES: who it is is verified by its key and GHES's clock, tokens end, and see what their installation may see.
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { failure } from './ghes-answers.ts'
import { type GraphqlSource, graphqlAnswer } from './ghes-graphql.ts'
import { hooksAnswer, type OrganizationHook } from './ghes-hooks.ts'
import type { Answer, StandInRequest } from './stand-in.ts'

export type AppInstallation = {
  id: number
  /** `acme` */
  account: string
  permissions?: Record<string, 'read' | 'write'>
  /** That its webhook sends. */
  events?: string[]
  suspended?: boolean
}

/** A key as GHES makes it for an App, and what GHES keeps of it. */
export const appKeyPair = (): { publicKey: string; privateKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

export class GhesApp {
  readonly id: string
  readonly #publicKey: ReturnType<typeof createPublicKey>
  installations: AppInstallation[]
  /** GHES's own clock. */
  nowMs: () => number
  lifetimeMs = 3_600_000
  /** So long a token is taken after the end that was said: with a lifetime of 0 each question needs a new one, however fast it comes. */
  graceMs = 0
  /** Its own webhook, where it has one. */
  hook: OrganizationHook | undefined
  readonly tokens = new Map<string, { installation: number; endsAtMs: number }>()

  constructor(options: { id: string; publicKey: string; installations: AppInstallation[]; nowMs?: () => number }) {
    this.id = options.id
    this.#publicKey = createPublicKey(options.publicKey)
    this.installations = options.installations
    this.nowMs = options.nowMs ?? Date.now
  }

  kindOf({ method, url }: StandInRequest): 'app-installations' | 'app-token' | 'app-hook' | undefined {
    if (url.pathname.startsWith('/api/v3/app/hook/')) return 'app-hook'
    if (method === 'GET' && url.pathname === '/api/v3/app/installations') return 'app-installations'
    return method === 'POST' && /^\/api\/v3\/app\/installations\/\d+\/access_tokens$/.test(url.pathname)
      ? 'app-token'
      : undefined
  }

  /** What the App asks as itself. */
  answer(request: StandInRequest, given: string): Answer {
    const refused = this.#refusal(given)
    if (refused) return refused
    if (this.kindOf(request) === 'app-installations') {
      const suspendedAt = ({ suspended }: AppInstallation) => (suspended ? '2026-11-01T00:00:00Z' : null)
      return {
        status: 200,
        body: this.installations.map(one => ({
          ...{ id: one.id, account: { login: one.account }, permissions: permissionsOf(one) },
          events: one.events ?? ['push', 'repository'],
          suspended_at: suspendedAt(one),
        })),
      }
    }
    if (this.kindOf(request) === 'app-hook') return this.#hookAnswer(request)
    const installation = this.installations.find(({ id }) => String(id) === request.url.pathname.split('/')[5])
    if (!installation) return failure(404, 'Not Found')
    if (installation.suspended) return failure(403, 'This installation has been suspended')
    const token = `ghs_${installation.id}x${this.tokens.size}`
    const endsAtMs = Math.floor((this.nowMs() + this.lifetimeMs) / 1000) * 1000
    this.tokens.set(token, { installation: installation.id, endsAtMs })
    const expires = new Date(endsAtMs).toISOString().replace('.000', '')
    return { status: 201, body: { token, expires_at: expires, permissions: permissionsOf(installation) } }
  }

  #hookAnswer(request: StandInRequest): Answer {
    const { hook } = this
    if (!hook) return failure(404, 'Not Found')
    const rest = request.url.pathname.slice('/api/v3/app/hook'.length)
    if (rest === '/config')
      return { status: 200, body: { url: hook.url, content_type: 'json', insecure_ssl: '0', secret: '********' } }
    const url = new URL(request.url)
    url.pathname = `/api/v3/orgs/any/hooks/${hook.id}${rest}`
    return hooksAnswer([hook], { ...request, url })
  }

  /** What a token of an installation is refused for; undefined: it is answered as any other. */
  async refusalOf(token: string, { url, body }: StandInRequest): Promise<Answer | undefined> {
    const known = this.tokens.get(token)
    const installation = this.installations.find(({ id }) => id === known?.installation)
    if (!known || !installation || installation.suspended || known.endsAtMs + this.graceMs <= this.nowMs())
      return failure(401, 'Bad credentials')
    const owner = /^\/api\/v3\/(?:repos|orgs)\/([^/]+)/.exec(url.pathname)?.[1] ?? ownerIn(body)
    if (owner === undefined) return undefined
    const isGraphql = url.pathname === '/api/graphql'
    if (owner.toLowerCase() !== installation.account.toLowerCase())
      return isGraphql ? graphqlAnswer(NOTHING, body) : failure(404, 'Not Found')
    if (permissionsOf(installation)['contents']) return undefined
    const message = 'Resource not accessible by integration'
    return isGraphql
      ? { status: 200, body: { data: { organization: null }, errors: [{ type: 'FORBIDDEN', message }] } }
      : failure(403, message)
  }

  #refusal(token: string): Answer | undefined {
    const [head = '', claims = '', signature = ''] = token.split('.')
    const { iat, exp, iss } = jsonIn(claims)
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${head}.${claims}`),
      this.#publicKey,
      Buffer.from(signature, 'base64url'),
    )
    const nowS = this.nowMs() / 1000
    if (!isSigned) return failure(401, 'A JSON web token could not be decoded')
    if (typeof iat !== 'number' || iat > nowS)
      return failure(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      )
    if (typeof exp !== 'number' || exp <= nowS)
      return failure(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      )
    if (exp > nowS + 600) return failure(401, "'Expiration time' claim ('exp') is too far in the future")
    return iss === this.id ? undefined : failure(404, 'Integration not found')
  }
}

const permissionsOf = ({ permissions = { contents: 'read', metadata: 'read' } }: AppInstallation) => permissions

function jsonIn(part: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return {}
  }
}

/** Whom the App is not installed for, it sees nothing of. */
const NOTHING: GraphqlSource = { repositories: async () => undefined, repository: async () => undefined }

/** Of a GraphQL question. */
function ownerIn(body: string): string | undefined {
  try {
    const { organization, owner, owner0 } = JSON.parse(body).variables
    return organization ?? owner ?? owner0
  } catch {
    return undefined
  }
}
