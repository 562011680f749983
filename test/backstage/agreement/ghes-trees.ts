// A GHES that holds the files of many repositories in memory and answers what Backstage's URL reader asks: contents, trees, blobs.
import { createHash } from 'node:crypto'
import { type Answer, StandIn, type StandInRequest } from '../../support/stand-in.ts'

/** Paths from the root of a repository, each with its content. */
export type Tree = ReadonlyMap<string, Uint8Array>

const NOT_FOUND: Answer = { status: 404, body: { message: 'Not Found' } }
const BRANCH = 'main'

export class GhesTrees {
  readonly #trees = new Map<string, Tree>()
  readonly #standIn = new StandIn({ kind: ({ url }) => url.pathname, answer: request => this.#answer(request) })

  async start(): Promise<this> {
    await this.#standIn.start()
    return this
  }

  stop(): Promise<void> {
    return this.#standIn.stop()
  }

  get apiBaseUrl(): string {
    return `${this.#standIn.url}/api/v3`
  }

  /** `fullName`: `owner/name`. Its one branch is main. */
  hold(fullName: string, tree: Tree): void {
    this.#trees.set(fullName, tree)
  }

  #answer({ url }: StandInRequest): Answer {
    this.#standIn.forgetRequests()
    const [, fullName = '', what = '', rest = ''] =
      /^\/api\/v3\/repos\/([^/]+\/[^/]+)\/(contents|commits|git\/trees|git\/blobs)\/(.*)$/.exec(url.pathname) ?? []
    const tree = this.#trees.get(fullName)
    if (tree === undefined) return NOT_FOUND
    if (what === 'contents') return contents(tree, decoded(rest), url.searchParams.get('ref'))
    const api = `${this.apiBaseUrl}/repos/${fullName}`
    if (what === 'commits') return status(rest, fullName, api)
    if (what === 'git/trees') return listing(tree, api)
    const content = [...tree.values()].find(bytes => idOf(bytes) === rest)
    return content === undefined
      ? NOT_FOUND
      : { status: 200, body: { encoding: 'base64', content: Buffer.from(content).toString('base64') } }
  }
}

const idOf = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function contents(tree: Tree, path: string | undefined, ref: string | null): Answer {
  if (path === undefined || ref !== BRANCH) return NOT_FOUND
  const bytes = tree.get(path)
  if (bytes !== undefined) return { status: 200, headers: { etag: `W/"${idOf(bytes)}"` }, body: bytes }
  // Of a folder GHES gives its list of files, whatever form was asked for.
  const inside = [...tree.keys()].filter(file => file.startsWith(`${path}/`) || path === '')
  return inside.length === 0 ? NOT_FOUND : { status: 200, body: inside.map(file => ({ path: file })) }
}

function status(rest: string, fullName: string, api: string): Answer {
  if (rest !== `${BRANCH}/status`) return NOT_FOUND
  const repository = {
    full_name: fullName,
    trees_url: `${api}/git/trees{/sha}`,
    archive_url: `${api}/{archive_format}{/ref}`,
  }
  return { status: 200, body: { sha: BRANCH, repository } }
}

const listing = (tree: Tree, api: string): Answer => ({
  status: 200,
  body: {
    truncated: false,
    tree: [...tree].map(([path, bytes]) => ({
      path,
      type: 'blob',
      sha: idOf(bytes),
      url: `${api}/git/blobs/${idOf(bytes)}`,
    })),
  },
})
