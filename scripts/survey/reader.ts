// What the survey reads of repositories: contents by blob id, ids by path, whole trees. From the cache, else from GHES in large questions.
import type { GraphqlAnswer } from '../../relay/clients/ghes/graphql.ts'
import { isTrouble } from '../../relay/clients/ghes/patience.ts'
import { field, knownOf } from '../../relay/clients/ghes/read.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import { blobIn } from '../ghes/repositories.ts'
import { batching } from './batching.ts'
import { isContentOf, type Listing, type SurveyCache } from './cache.ts'
import type { SurveyGhes } from './ghes.ts'
import { typeOfMode } from './inventory.ts'

type Failed = { result: 'failed'; reason: string }
type Content = { result: 'content'; bytes: Buffer } | { result: 'too large' } | Failed
export type IdAt = { result: 'id'; id: string } | { result: 'none' } | Failed
type Listed = { result: 'listing'; listing: Listing } | Failed

export type Reader = {
  content(repository: string, blob: string): Promise<Content>
  /** The blob at a path of a commit. */
  idAt(repository: string, commit: string, path: string): Promise<IdAt>
  /** Files of the whole tree that are catalog files by name. */
  listing(repository: string, commit: string): Promise<Listed>
}

export type ReaderOptions = {
  ghes: SurveyGhes
  cache: SurveyCache
  /** Larger files are not read. */
  maxBytes: number
  isCatalogPath: (path: string) => boolean
  /** Stands for `isCatalogPath` in the cache. */
  globs: string
  /** So many contents are one question; the most that GitHub answers in its 10 s depends on their size. */
  contentsAsked?: number
  /** Asks again as long as that is of use: rate limits, outages. */
  patiently: <T extends { result: string }>(ask: () => Promise<T | Trouble>) => Promise<T | Trouble>
}

/** A hundred catalog files are some 100 KB. */
const CONTENTS_ASKED = 100
const PATHS_ASKED = 300
const TREES_AT_ONCE = 4
/** So many questions after one another without an answer, each tried for over a minute, are a GHES that is down. */
const GIVE_UP_AFTER = 2

type Question<A> = Promise<{ result: 'answers'; answers: A[] } | Trouble>

export function openReader(options: ReaderOptions): Reader {
  const { cache, maxBytes } = options
  const whole = wholeOrParts(options)
  const contentOf = batching<BlobAsked, Content>(options.contentsAsked ?? CONTENTS_ASKED, asked =>
    whole(asked, part => askContents(options, part)),
  )
  const idOf = batching<PathAsked, IdAt>(PATHS_ASKED, asked => whole(asked, part => askIds(options, part)))
  const treeOf = batching<TreeAsked, Listed>(TREES_AT_ONCE, asked =>
    Promise.all(asked.map(async one => (await whole([one], ([tree]) => askTree(options, tree ?? one)))[0] ?? lost)),
  )
  const underWay = new Map<string, Promise<Content>>()
  return {
    content: (repository, blob) => {
      const known = cache.blob(blob)
      if (known)
        return Promise.resolve(known.length > maxBytes ? { result: 'too large' } : { result: 'content', bytes: known })
      // Many repositories begin as copies of one.
      const asked = underWay.get(blob) ?? contentOf({ repository, blob })
      underWay.set(blob, asked)
      return asked
    },
    async idAt(repository, commit, path) {
      const known = cache.idAt(commit, path)
      if (known !== undefined) return known === '' ? { result: 'none' } : { result: 'id', id: known }
      const answer = await idOf({ repository, commit, path })
      if (answer.result !== 'failed') cache.addIdAt(commit, path, answer.result === 'id' ? answer.id : '')
      return answer
    },
    async listing(repository, commit) {
      const known = cache.listing(commit, options.globs)
      if (known) return { result: 'listing', listing: known }
      const answer = await treeOf({ repository, commit })
      if (answer.result === 'listing') cache.addListing(commit, options.globs, answer.listing)
      return answer
    },
  }
}

const lost: Failed = { result: 'failed', reason: 'GHES did not say' }

/** A question that fails as a whole is asked again in halves: one repository that GHES cannot read must not take the others with it. */
function wholeOrParts({ patiently }: ReaderOptions) {
  let failuresInARow = 0
  let givenUp: string | undefined
  const failed = (reason: string) => ({ result: 'failed' as const, reason })
  return async function ask<Q, A>(asked: Q[], question: (part: Q[]) => Question<A>): Promise<(A | Failed)[]> {
    if (givenUp !== undefined) return asked.map(() => failed(givenUp ?? ''))
    const answer = await patiently(async () => {
      const given = await question(asked)
      const canSplit = isTrouble(given) && given.kind === 'down' && asked.length > 1
      return canSplit ? { result: 'split' as const } : given
    })
    if (answer.result === 'answers') {
      failuresInARow = 0
      return answer.answers
    }
    if (answer.result === 'split') {
      const middle = Math.ceil(asked.length / 2)
      return [...(await ask(asked.slice(0, middle), question)), ...(await ask(asked.slice(middle), question))]
    }
    if (answer.kind === 'set-up' || ++failuresInARow >= GIVE_UP_AFTER) givenUp = answer.reason
    return asked.map(() => failed(answer.reason))
  }
}

type BlobAsked = { repository: string; blob: string }
type PathAsked = { repository: string; commit: string; path: string }
type TreeAsked = { repository: string; commit: string }

/** One GraphQL question about many objects; each of the answers is a node, or why there is none. */
async function askObjects(
  ghes: SurveyGhes,
  objects: readonly { repository: string; argument: string; type: string; value: string }[],
  fields: string,
): Promise<{ result: 'objects'; objects: ({ node: unknown } | Failed)[] } | Trouble> {
  const byRepository = new Map<string, number[]>()
  objects.forEach(({ repository }, i) => {
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), i])
  })
  const variables: Record<string, string> = {}
  const declared: string[] = []
  const parts = [...byRepository].map(([repository, indexes], r) => {
    const [owner = '', name = ''] = repository.split('/')
    Object.assign(variables, { [`o${r}`]: owner, [`n${r}`]: name })
    declared.push(`$o${r}: String!`, `$n${r}: String!`)
    const asked = indexes.map(i => {
      const { argument = '', type = '', value = '' } = objects[i] ?? {}
      variables[`v${i}`] = value
      declared.push(`$v${i}: ${type}!`)
      return `b${i}: object(${argument}: $v${i}) { ... on Blob { ${fields} } }`
    })
    return `r${r}: repository(owner: $o${r}, name: $n${r}) { ${asked.join(' ')} }`
  })
  const answer = await ghes.query(`query (${declared.join(', ')}) { ${parts.join('\n')} }`, variables, given =>
    objectsIn(given, [...byRepository.values()], objects.length),
  )
  return answer.result === 'answered' ? { result: 'objects', objects: answer.value } : ghes.trouble(answer)
}

/** `byRepository`: the numbers of the objects that were asked of each. */
function objectsIn(
  { data, errors }: GraphqlAnswer,
  byRepository: readonly number[][],
  count: number,
): ({ node: unknown } | Failed)[] | undefined {
  if (!data || errors.some(({ type, path }) => type === 'RATE_LIMITED' || path.length === 0)) return undefined
  const found = Array.from({ length: count }, (): { node: unknown } | Failed => lost)
  for (const [r, indexes] of byRepository.entries()) {
    const repository = field(data, `r${r}`, 'map')
    for (const i of indexes) {
      const error = errors.find(({ path }) => path[0] === `r${r}` && (path[1] === undefined || path[1] === `b${i}`))
      found[i] =
        repository && !error
          ? { node: field(repository, `b${i}`, 'map') }
          : { result: 'failed', reason: error?.message || 'GHES gave nothing of this repository' }
    }
  }
  return found
}

async function askContents({ ghes, cache, maxBytes }: ReaderOptions, asked: readonly BlobAsked[]): Question<Content> {
  const objects = asked.map(({ repository, blob }) => ({
    repository,
    argument: 'oid',
    type: 'GitObjectID',
    value: blob,
  }))
  const answer = await askObjects(ghes, objects, 'byteSize isTruncated text')
  if (answer.result === 'trouble') return answer
  const answers: Content[] = []
  for (const [i, one] of asked.entries()) {
    const given = answer.objects[i] ?? lost
    if ('result' in given) {
      answers.push(given)
      continue
    }
    if ((field(given.node, 'byteSize', 'number') ?? 0) > maxBytes) {
      answers.push({ result: 'too large' })
      continue
    }
    const text = Buffer.from(field(given.node, 'text', 'text') ?? '')
    // Not all bytes are text, and long texts are cut off: git's own id tells whether these are the bytes.
    const content = isContentOf(one.blob, text) ? text : await askBytes(ghes, one)
    if ('result' in content && content.result === 'trouble') return content
    if (!('result' in content)) cache.addBlob(one.blob, content)
    answers.push('result' in content ? content : { result: 'content', bytes: content })
  }
  return { result: 'answers', answers }
}

const isGone = ({ status }: Refusal) => status === 404 || status === 409

async function askBytes(ghes: SurveyGhes, { repository, blob }: BlobAsked): Promise<Buffer | Failed | Trouble> {
  const [owner = '', repo = ''] = repository.split('/')
  const place = { owner, repo, file_sha: blob }
  const answer = await ghes.ask('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', place, blobIn)
  if (answer.result === 'refused')
    return isGone(answer) ? { result: 'failed', reason: `GHES has no blob ${blob} there` } : ghes.trouble(answer)
  return isContentOf(blob, answer.value)
    ? answer.value
    : { result: 'failed', reason: `GHES gave other bytes than those of blob ${blob}` }
}

async function askIds({ ghes }: ReaderOptions, asked: readonly PathAsked[]): Question<IdAt> {
  const objects = asked.map(({ repository, commit, path }) => ({
    repository,
    argument: 'expression',
    type: 'String',
    value: `${commit}:${path}`,
  }))
  const answer = await askObjects(ghes, objects, 'oid')
  if (answer.result === 'trouble') return answer
  const answers = answer.objects.map((given): IdAt => {
    if ('result' in given) return given
    const id = field(given.node, 'oid', 'text')
    return id === undefined ? { result: 'none' } : { result: 'id', id }
  })
  return { result: 'answers', answers }
}

async function askTree({ ghes, isCatalogPath }: ReaderOptions, { repository, commit }: TreeAsked): Question<Listed> {
  const [owner = '', repo = ''] = repository.split('/')
  const place = { owner, repo, tree_sha: commit, recursive: 1 }
  const answer = await ghes.ask('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', place, data =>
    listingIn(data, isCatalogPath),
  )
  if (answer.result === 'answered')
    return { result: 'answers', answers: [{ result: 'listing', listing: answer.value }] }
  return isGone(answer)
    ? { result: 'answers', answers: [{ result: 'failed', reason: 'GHES has no tree of it' }] }
    : ghes.trouble(answer)
}

function listingIn(data: unknown, isCatalogPath: (path: string) => boolean): Listing | undefined {
  const files = knownOf(field(data, 'tree', 'list'), entry => {
    const path = field(entry, 'path', 'text')
    const id = field(entry, 'sha', 'text')
    const isFolder = field(entry, 'type', 'text') === 'tree'
    if (path === undefined || id === undefined || isFolder || !isCatalogPath(path)) return undefined
    const type = typeOfMode(Number.parseInt(field(entry, 'mode', 'text') ?? '', 8))
    return { path, id, type, bytes: field(entry, 'size', 'number') ?? 0 }
  })
  return files && { files, isWhole: field(data, 'truncated', 'boolean') !== true }
}
