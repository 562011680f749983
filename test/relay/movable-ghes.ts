// A GHES whose branches a test moves at will, without git, and pushes by number: for loads that real repositories would slow down.
import type { PushNotification } from '../../schemas/notification.ts'
import { type Answer, StandIn, type StandInRequest } from '../support/stand-in.ts'

/** As GHES writes it. */
const tokenEnd = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().replace(/T(.{8}).*/, ' $1 UTC')

/** Branches by `OWNER/NAME heads/x`. Every commit id contains all earlier ones of its branch. */
export class MovableGhes extends StandIn {
  readonly heads: Map<string, string>
  /** Former names, and what they are now. */
  readonly renamed: Map<string, string>
  /** Says how two commits relate: `ahead` unless told otherwise. */
  relation: string
  tokenEndsInDays = 5

  constructor() {
    const heads = new Map<string, string>()
    const renamed = new Map<string, string>()
    const answer = (request: StandInRequest): Answer => {
      const path = decodeURIComponent(request.url.pathname)
      const ref = /^\/api\/v3\/repos\/([^/]+\/[^/]+)\/git\/ref\/(.+)$/.exec(path)
      const sha = ref && heads.get(`${ref[1]} ${ref[2]}`)
      if (ref && sha) return { status: 200, body: { ref: `refs/${ref[2]}`, object: { type: 'commit', sha } } }
      if (path === '/api/v3/meta') {
        const headers = { 'github-authentication-token-expiration': tokenEnd(this.tokenEndsInDays) }
        return { status: 200, headers, body: { verifiable_password_authentication: false } }
      }
      if (/\/compare\//.test(path)) return { status: 200, body: { status: this.relation } }
      const asked = /^\/api\/v3\/repos\/([^/]+\/[^/]+)$/.exec(path)?.[1] ?? ''
      const to = [...renamed.keys()].indexOf(asked)
      if (to >= 0) return { status: 301, headers: { location: `${this.apiBaseUrl}/repositories/${to}` } }
      const number = /^\/api\/v3\/repositories\/(\d+)$/.exec(path)?.[1] ?? ''
      const repository = [...renamed.values()][Number(number || 'NaN')] ?? asked
      return repository !== ''
        ? { status: 200, body: { id: 1, full_name: repository, archived: false, default_branch: 'main' } }
        : { status: 404, body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' } }
    }
    super({
      kind: ({ url: { pathname } }) =>
        pathname.includes('/compare/') ? 'compare' : pathname === '/api/v3/meta' ? 'meta' : 'ref',
      answer,
    })
    this.heads = heads
    this.renamed = renamed
    this.relation = 'ahead'
  }

  get apiBaseUrl(): string {
    return `${this.url}/api/v3`
  }

  /** The push is where its branch is. */
  land(push: PushNotification): void {
    this.heads.set(`${push.repository} ${push.ref.slice('refs/'.length)}`, push.after)
  }
}

/** The n-th push to one of so many repositories. */
export function numberedPush(n: number, repositories: number): PushNotification {
  const hex = (value: number) => value.toString(16).padStart(40, '0')
  const before = Math.max(0, n - repositories)
  return {
    version: 1,
    repository: `acme/svc-${n % repositories}`,
    ref: 'refs/heads/main',
    before: hex(before),
    after: hex(n),
    pusher: 'octocat',
    files: [{ path: 'catalog-info.yaml', change: 'modified', entities: [`component:default/svc-${n % repositories}`] }],
  }
}

export const locationOf = (push: PushNotification) => `https://ghe.test/${push.repository}/blob/main/catalog-info.yaml`
