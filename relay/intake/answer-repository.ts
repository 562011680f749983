// What has become of a repository, as GHES says now, becomes work: its name in what waits, and refreshes by which the catalog notices.
import { createHash } from 'node:crypto'
import { count } from '../../schemas/count.ts'
import type { NotifiedFile } from '../../schemas/notification.ts'
import {
  type GhesBranches,
  type RepositoryAnswer,
  type RepositoryFacts,
  repositoryOf,
} from '../clients/ghes/branches.ts'
import type { Trouble } from '../clients/trouble.ts'
import type { Notes } from '../store/ports/coordination.ts'
import { type FurtherWork, type Inbox, noCommits, type Repositories, reportId } from '../store/ports/inbox.ts'
import type { JobOf } from '../store/ports/jobs.ts'
import type { KnownFile, KnownFiles } from '../store/ports/known-files.ts'

export type RepositoryEdges = {
  repository: GhesBranches['repository']
  store: Repositories & Notes & Pick<Inbox & KnownFiles, 'acceptLanded' | 'knownFiles'>
}

type Store = RepositoryEdges['store']
type Act = {
  repository: string
  ref: string
  defaultBranch: boolean
  files: NotifiedFile[]
  formerly?: string
  isNewDefault?: true
}
/** `last`: what makes a repetition do nothing; so it comes when all else is on disk. */
type Acts = { outcome: string; acts: Act[]; last?: () => Promise<unknown> }

/** Each step may be repeated: what broke off in the middle is done again as a whole. */
export async function answerRepository(
  { repository: ask, store }: RepositoryEdges,
  job: JobOf<'repository'>,
): Promise<{ result: 'done'; outcome: string } | Trouble> {
  const truth = await truthOf(ask, job)
  if (truth.result === 'trouble') return truth
  const { outcome, acts, last } = await actsOf(store, job, truth)
  let files = 0
  for (const act of acts) {
    if (act.files.length === 0 && !act.isNewDefault) continue
    files += act.files.length
    // When it is done again, GHES may say something else.
    const id = `${job.pushId} ${createHash('sha256').update(JSON.stringify(act)).digest('hex')}`
    const { isNewDefault, ...landed } = act
    const further = isNewDefault ? { further: allOf(act, id) } : {}
    await store.acceptLanded(id, { ...landed, ...noCommits(id), isBulk: true, ...further })
  }
  await last?.()
  return { result: 'done', outcome: `${outcome}; ${count(files, 'file')} to refresh` }
}

/** What else is in the branch: pushed while it was no default one, or while the former one still was and nobody had seen it land. */
const allOf = ({ ref }: Act, id: string): FurtherWork => ({
  id: `${reportId(id)}_compare`,
  files: [],
  jobs: [{ kind: 'compare', base: '0'.repeat(40), head: ref.replace(/^refs\/heads\//, '') }],
})

/** `name` is the one that was asked for. */
type Truth =
  | ({ result: 'there' } & RepositoryFacts)
  | { result: 'moved'; from: string; to: RepositoryFacts }
  | { result: 'out of sight'; name: string }

async function truthOf(ask: GhesBranches['repository'], job: JobOf<'repository'>): Promise<Truth | Trouble> {
  const names = job.about === 'moved' ? [job.from, job.repository] : [job.repository]
  const [asked = ''] = names
  for (const name of names) {
    const answer = await ask(repositoryOf(name))
    if (answer.result === 'trouble') return answer
    const facts = factsIn(answer)
    // Where GHES has forgotten the former name, the later one tells.
    if (facts)
      return facts.fullName === asked ? { result: 'there', ...facts } : { result: 'moved', from: asked, to: facts }
  }
  return { result: 'out of sight', name: asked }
}

function factsIn(answer: Exclude<RepositoryAnswer, Trouble>): RepositoryFacts | undefined {
  if (answer.result === 'none') return undefined
  return answer.result === 'found' ? answer : answer.to
}

async function actsOf(store: Store, job: JobOf<'repository'>, truth: Truth): Promise<Acts> {
  if (truth.result === 'moved') return move(store, truth.from, truth.to)
  if (truth.result === 'out of sight') {
    if (job.about === 'deleted') return close(store, truth.name, 'deleted')
    return {
      outcome: `GHES shows no ${truth.name} (any more, or ghe.token is not allowed to read it): nothing is done`,
      acts: [],
    }
  }
  const { fullName: repository, archived, defaultBranch } = truth
  switch (job.about) {
    case 'moved': {
      const known = await store.knownFiles(repository)
      const acts = byRef(repository, known, 'modified', defaultBranch)
      return { outcome: `GHES shows a repository under the name ${repository}: nothing moves`, acts }
    }
    case 'deleted':
      return { outcome: `GHES shows ${repository}: it is not deleted`, acts: [] }
    case 'archived':
      return archived ? close(store, repository, 'archived') : reopen(store, truth)
    case 'default branch':
      return job.from === defaultBranch
        ? { outcome: `the default branch is ${defaultBranch}, as before`, acts: [] }
        : branchChanged(store, truth, job.from)
  }
}

async function move(store: Store, from: string, { fullName, defaultBranch }: RepositoryFacts): Promise<Acts> {
  const before = await store.knownFiles(from)
  await store.renameRepository(from, fullName)
  // Already moved, when it is done again after it broke off here.
  const known = before.length > 0 ? before : await store.knownFiles(fullName)
  return {
    outcome: `${from} is ${fullName} now`,
    acts: [
      ...byRef(from, known, 'removed', defaultBranch),
      ...byRef(fullName, known, 'added', defaultBranch).map(act => ({ ...act, formerly: from })),
    ],
  }
}

const archiveNote = (repository: string) => `archived:${repository}`

/** It takes no pushes any more. An archived repository may come back, with what it held. */
async function close(store: Store, repository: string, how: 'archived' | 'deleted'): Promise<Acts> {
  const known = await store.knownFiles(repository)
  if (known.length > 0) await store.setNote(archiveNote(repository), JSON.stringify(known))
  const reason = `the repository was ${how}`
  return {
    outcome: `${repository} is ${how}`,
    acts: byRef(repository, known, 'removed'),
    // It forgets the files.
    last: () => store.closeRepository(repository, reason),
  }
}

async function reopen(store: Store, { fullName, defaultBranch }: RepositoryFacts): Promise<Acts> {
  const text = await store.note(archiveNote(fullName))
  const held = text === undefined ? [] : (JSON.parse(text) as KnownFile[]) // our own writing
  return {
    outcome: `${fullName} is not archived`,
    acts: byRef(fullName, held, 'added', defaultBranch),
    ...(held.length === 0 ? {} : { last: () => store.setNote(archiveNote(fullName), '[]') }),
  }
}

async function branchChanged(store: Store, truth: RepositoryFacts, from: string): Promise<Acts> {
  const { fullName: repository, defaultBranch } = truth
  const known = await store.knownFiles(repository)
  const before = known.filter(({ ref }) => ref === `refs/heads/${from}`)
  // A Location's URL carries the branch: the file has another Location there, and maybe another content.
  const files = filesAs(before, 'added').map(({ blob: _, ...file }) => file)
  const there: Act = { repository, ref: `refs/heads/${defaultBranch}`, defaultBranch: true, files, isNewDefault: true }
  return {
    outcome: `the default branch is ${defaultBranch}, no longer ${from}`,
    acts: [there, ...byRef(repository, before, 'modified', defaultBranch)],
  }
}

function byRef(repository: string, known: KnownFile[], change: NotifiedFile['change'], defaultBranch?: string): Act[] {
  const refs = Map.groupBy(known, ({ ref }) => ref)
  return [...refs].map(([ref, files]) => ({
    repository,
    ref,
    defaultBranch: defaultBranch === undefined || ref === `refs/heads/${defaultBranch}`,
    files: filesAs(files, change),
  }))
}

const filesAs = (known: KnownFile[], change: NotifiedFile['change']): NotifiedFile[] =>
  known.map(({ path, blob, entities }) => ({ path, change, entities, ...(blob === undefined ? {} : { blob }) }))
