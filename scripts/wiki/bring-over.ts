// One repository: its wiki as a commit on a branch, and as a pull request. Planned first; done only where that is asked for.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import {
  latestPullRequest,
  openPullRequest,
  type PullRequest,
  updatePullRequest,
  type Wanted,
} from '../ghes/pull-requests.ts'
import { commitMessage, wikiOfMessage } from './commit-message.ts'
import type { Remote, WikiGit } from './git.ts'
import { type Changes, changesOf, MANIFEST_FILE, manifestText, readManifest } from './ownership.ts'
import { pullRequestText } from './pull-request-text.ts'
import { type Note, type Site, siteOf } from './site.ts'
import { addTechdocsRef } from './techdocs-ref.ts'

export type Outcome =
  /** Nobody has written in it since it was brought over, or it says what the repository says. */
  | { result: 'unchanged' }
  /** The repository has no wiki, an empty one, or is empty itself. */
  | { result: 'nothing'; reason: string }
  | {
      result: 'planned' | 'pushed' | 'waiting'
      pages: number
      attachments: number
      changes: number
      pullRequest?: PullRequest
      notes: Note[]
      conflicts: string[]
    }
  /** A person has decided otherwise, and is asked. */
  | { result: 'left'; reason: string; notes: Note[] }
  | Troubled

/** `isForAll`: it would be the same with every other repository; `isSetUp`: and somebody has to put the token or the address right. */
type Troubled = { result: 'trouble'; words: string; isSetUp: boolean; isForAll: boolean }

export type BringOver = {
  repository: string
  remote: Remote
  git: WikiGit
  /** Waits for rate limits and outages by itself. */
  ghes: GhesRequests
  branch: string
  /** Of the wiki, when it was brought over last. */
  seen?: string
  apply: boolean
  now: () => number
  /** Where a look at the whole is wanted: gets every file that would be there. */
  show?: (files: ReadonlyMap<string, string>) => Promise<void>
}

/** `wiki`: its commit, where what was found holds as long as that is the newest. */
export type BroughtOver = { outcome: Outcome; wiki?: string }

const nothing = (reason: string): BroughtOver => ({ outcome: { result: 'nothing', reason } })

export async function bringOver(asked: BringOver): Promise<BroughtOver> {
  const { git, seen, repository, remote } = asked
  const wiki = await git.wikiRefs()
  if (wiki.result === 'trouble') return { outcome: wiki }
  if (wiki.result === 'none' || wiki.head === undefined) return nothing('it has no wiki')
  if (wiki.head === seen) return { outcome: { result: 'unchanged' }, wiki: wiki.head }
  const refs = await git.repositoryRefs(asked.branch)
  if (refs.result === 'trouble') return { outcome: refs }
  if (refs.result === 'none') return nothing('it is not there, or the token is not allowed to see it')
  if (refs.headBranch === undefined || refs.head === undefined) return nothing('the repository is empty')
  const ours = refs.byName.get(`refs/heads/${asked.branch}`)
  for (const fetched of [await git.fetchWiki(), await git.fetchRepository(refs.headBranch, ours && asked.branch)]) {
    if (fetched !== true)
      return {
        outcome:
          fetched.result === 'none'
            ? { result: 'trouble', words: 'it went away meanwhile', isSetUp: false, isForAll: false }
            : fetched,
      }
  }
  const site = await madeSite(asked, `${remote.webUrl}/${repository}`)
  if (site.pages === 0) return nothing('its wiki has no page')
  const planned = await plan(asked, site, wiki.head)
  await asked.show?.(new Map([...planned.changes.owned, ...planned.changes.set]))
  const outcome = await follow(asked, { ...planned, site, wiki: wiki.head, base: refs.headBranch, ours })
  return { outcome, wiki: wiki.head }
}

async function madeSite({ git, repository }: BringOver, webUrl: string): Promise<Site> {
  const files = await git.wikiFiles()
  const reader = git.reader()
  const writer = git.writer()
  const site = await siteOf({ repository, webUrl, files, read: id => reader.read(id) }, text => writer.store(text))
  await Promise.all([reader.end(), writer.end()])
  return site
}

type Planned = { changes: Changes; notes: Note[]; before?: string }

/** The manifest comes along with a change, and is none by itself. */
async function plan({ git }: BringOver, site: Site, wiki: string): Promise<Planned> {
  const there = await git.baseFiles()
  const reader = git.reader()
  const textAt = async (path: string) => {
    const id = there.get(path)
    return id === undefined ? undefined : (await reader.read(id)).toString('utf8')
  }
  const manifest = await textAt(MANIFEST_FILE)
  const before = manifest === undefined ? undefined : readManifest(manifest)
  const changes = changesOf(site.files, there, before)
  const path = ['catalog-info.yaml', 'catalog-info.yml'].find(name => there.has(name))
  const text = path === undefined ? undefined : await textAt(path)
  await reader.end()
  const added = text === undefined ? undefined : addTechdocsRef(text)
  const writer = git.writer()
  if (added?.result === 'added' && path !== undefined) changes.set.set(path, await writer.store(added.text))
  if (changes.set.size + changes.remove.length > 0)
    changes.set.set(MANIFEST_FILE, await writer.store(manifestText({ wiki, files: changes.owned })))
  await writer.end()
  const words =
    path === undefined
      ? 'there is no catalog-info.yaml at the top: these docs are shown by no entity until one has backstage.io/techdocs-ref: dir:.'
      : added?.result === 'not-possible'
        ? `${added.reason}: add the annotation backstage.io/techdocs-ref: dir:. by hand`
        : undefined
  const notes = words === undefined ? site.notes : [...site.notes, { path: path ?? 'catalog-info.yaml', words }]
  return { changes, notes, ...(before === undefined ? {} : { before: before.wiki }) }
}

type Followed = Planned & { site: Site; wiki: string; base: string; ours: string | undefined }

async function follow(asked: BringOver, planned: Followed): Promise<Outcome> {
  const { git, ghes, repository, branch, apply, now } = asked
  const { changes, site, wiki, base, ours, before, notes } = planned
  const count = changes.set.size + changes.remove.length
  const told = { pages: site.pages, attachments: site.attachments, changes: count, notes, conflicts: changes.conflicts }
  if (count === 0 && changes.conflicts.length === 0) return { result: 'unchanged' }
  if (count === 0) return { result: 'waiting', ...told }
  const last = ours === undefined ? undefined : await git.branchCommit()
  if (ours !== undefined && (last === undefined || wikiOfMessage(last.message) === undefined))
    return {
      result: 'left',
      notes,
      reason: `somebody has pushed to ${branch}: merge or delete it, then run this again`,
    }
  if (!apply) return { result: 'planned', ...told }
  const latest = await latestPullRequest(ghes, repository, branch)
  if (isRefusal(latest)) return troubled(latest)
  if (latest?.state === 'closed')
    return {
      result: 'left',
      notes,
      reason: `#${latest.number} was closed without a merge: open it again, and the next run goes on with it`,
    }
  const isSame = last !== undefined && isSameAs(last.changes, changes)
  if (!isSame) {
    const message = commitMessage(wiki, await git.wikiCommits(before))
    const commit = await git.commit(changes.set, changes.remove, message, new Date(now()))
    const pushed = await git.push(commit, branch, ours)
    if (pushed !== true)
      return pushed.result === 'trouble'
        ? pushed
        : { result: 'trouble', words: 'the repository went away meanwhile', isSetUp: false, isForAll: false }
  }
  const wanted: Wanted = { branch, base, ...pullRequestText(told, wiki) }
  const pullRequest = await withPullRequest(ghes, repository, latest, wanted)
  if (isRefusal(pullRequest)) return troubled(pullRequest)
  return { result: isSame ? 'waiting' : 'pushed', ...told, pullRequest }
}

function withPullRequest(
  ghes: GhesRequests,
  repository: string,
  latest: PullRequest | undefined,
  wanted: Wanted,
): Promise<PullRequest | Refusal> | PullRequest {
  if (latest?.state !== 'open') return openPullRequest(ghes, repository, wanted)
  if (latest.title === wanted.title && latest.body === wanted.body) return latest
  return updatePullRequest(ghes, repository, latest.number, wanted)
}

/** The manifest names the wiki's commit, which may be newer without a page that says something else. */
function isSameAs(pushed: ReadonlyMap<string, string | undefined>, { set, remove }: Changes): boolean {
  const wanted = new Map<string, string | undefined>([...set, ...remove.map(path => [path, undefined] as const)])
  const differs = [...wanted].some(
    ([path, id]) => path !== MANIFEST_FILE && (!pushed.has(path) || pushed.get(path) !== id),
  )
  return !differs && [...pushed.keys()].every(path => wanted.has(path))
}

const isRefusal = (answer: PullRequest | Refusal | undefined): answer is Refusal =>
  answer !== undefined && 'result' in answer && answer.result === 'refused'

/** A limit has been waited for, as long as it wanted. */
function troubled({ message, remedy, kind }: Refusal): Outcome {
  const isSetUp = kind === 'token'
  return { result: 'trouble', words: `${message}; ${remedy}`, isSetUp, isForAll: isSetUp || kind === 'limited' }
}
