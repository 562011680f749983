// catalog-gate wiki: the wikis of repositories as docs that TechDocs shows, one pull request each.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type GhesRequests, openGhesClient } from '../../relay/clients/ghes/client.ts'
import type { Credential } from '../../relay/clients/ghes/credential.ts'
import { credentialOf } from '../../relay/clients/ghes/ghes.ts'
import { complete, field } from '../../relay/clients/ghes/read.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'
import type { Clock } from '../../relay/runtime/clock.ts'
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import { INTERRUPTED } from '../cli/interruption.ts'
import type { LineEdges } from '../cli/process-edges.ts'
import { accessRemedies } from '../ghes/access-remedies.ts'
import { type Patiently, patienceOf, patientAnswer, patientGhes } from '../ghes/patient.ts'
import { killRunning } from '../git/run-git.ts'
import { bringOver, type Outcome } from './bring-over.ts'
import { type Remote, WikiGit } from './git.ts'
import { readWikiTarget, type WikiOptions, type WikiTarget } from './options.ts'
import { openState } from './state.ts'
import { outcomeLines } from './words.ts'

export type WikiEdges = LineEdges & { cwd: string; env: NodeJS.ProcessEnv; clock: Clock; interrupted: AbortSignal }

const NEEDS = {
  token: 'to write contents and pull requests (classic: scope repo, for --org read:org, too)',
  app: 'contents and pull requests: write',
}

const TIMEOUT_MS = 30_000

/** 0 all done; 1 a person is needed, or a repository could not be reached; 2 wrong usage, address or token; 130 interrupted. */
export async function wiki(options: WikiOptions, edges: WikiEdges): Promise<number> {
  const read = readWikiTarget(options, { ...edges, now: edges.clock.now })
  if ('problems' in read) return refuse(read.problems, edges)
  const { target } = read
  const { access, apiUrl, ca } = target
  const connection = { baseUrl: apiUrl, now: edges.clock.now, ...(ca === undefined ? {} : { ca }) }
  const credential = credentialOf({ ...access, ...connection }, TIMEOUT_MS)
  const client = openGhesClient({ ...connection, credential, remedies: accessRemedies(access, NEEDS) })
  const patiently = patienceOf({ clock: edges.clock, signal: edges.interrupted }, edges.sayError)
  const ghes = patientGhes(client, patiently)
  const stop = () => killRunning()
  edges.interrupted.addEventListener('abort', stop)
  try {
    const repositories = await repositoriesOf(target, ghes)
    if ('problems' in repositories) return refuse(repositories.problems, edges)
    return await bringOverAll(repositories.names, target, options, { ...edges, ghes, patiently, credential })
  } catch (error) {
    if (!edges.interrupted.aborted) throw error
    edges.sayError('interrupted: what was brought over stays; the same command goes on with the rest')
    return INTERRUPTED
  } finally {
    edges.interrupted.removeEventListener('abort', stop)
    await client.close()
  }
}

function refuse(problems: readonly string[], { sayError }: WikiEdges): number {
  for (const problem of problems) sayError(`error: ${printable(problem)}`)
  return 2
}

type Named = { names: string[] } | { problems: string[] }

/** Of an organisation: those that have a wiki by GHES's word, and take a push. */
async function repositoriesOf(target: WikiTarget, ghes: GhesRequests): Promise<Named> {
  const names = [...target.repositories]
  for (const org of target.organizations) {
    const answer = await ghes.list('GET /orgs/{org}/repos', { org, type: 'all' }, one =>
      complete<{ name: string; isOff: boolean }>({
        name: field(one, 'full_name', 'text'),
        isOff: field(one, 'archived', 'boolean') === true || field(one, 'has_wiki', 'boolean') === false,
      }),
    )
    if (answer.result === 'refused') return { problems: [`--org ${org}: ${answer.message}: ${answer.remedy}`] }
    names.push(...answer.value.filter(({ isOff }) => !isOff).map(({ name }) => name))
  }
  return { names: names.filter((name, i) => names.findIndex(one => one.toLowerCase() === name.toLowerCase()) === i) }
}

async function bringOverAll(
  names: readonly string[],
  target: WikiTarget,
  options: WikiOptions,
  edges: WikiEdges & { ghes: GhesRequests; patiently: Patiently; credential: Credential },
): Promise<number> {
  const { clock, interrupted, ghes, say, sayError } = edges
  const { work, out } = target
  const state = openState(join(work, 'seen.json'))
  const tally = { done: 0, unchanged: 0, nothing: 0, open: 0 }
  for (const repository of names) {
    interrupted.throwIfAborted()
    const remote = await remoteOf(repository, target, edges)
    if ('result' in remote) {
      sayError(`error: ${printable(`${remote.message}: ${remote.remedy}`)}`)
      return 2
    }
    const git = await WikiGit.open(repository, remote, work)
    const seen = options.apply && out === undefined ? state.seen(repository) : undefined
    const { outcome, wiki: head } = await bringOver({
      repository,
      remote,
      git,
      ghes,
      branch: options.branch,
      apply: options.apply === true,
      now: clock.now,
      ...(seen === undefined ? {} : { seen }),
      ...(out === undefined ? {} : { show: files => writeAll(git, files, out) }),
    })
    for (const line of outcomeLines(repository, outcome)) say(line)
    if (outcome.result === 'trouble' && outcome.isForAll) {
      sayError('error: this holds for every repository, so nothing more was tried')
      return outcome.isSetUp ? 2 : 1
    }
    if (options.apply && head !== undefined && isSettled(outcome)) state.done(repository, head)
    for (const group of groupsOf(outcome)) tally[group]++
  }
  const { done, unchanged, nothing, open } = tally
  const verb = options.apply ? 'brought over' : 'to bring over'
  say(
    `${count(names.length, 'repository', 'repositories')}: ${done} ${verb}, ${unchanged} unchanged, ${nothing} without a wiki, ${open} for a person`,
  )
  if (!options.apply && done > 0) say('Nothing was changed; --apply does it.')
  return open > 0 ? 1 : 0
}

/** An App's token lives for minutes more when it is given out: long enough for one repository. */
async function remoteOf(
  repository: string,
  { webUrl, tokenFile, caFile }: WikiTarget,
  { credential, patiently }: { credential: Credential; patiently: Patiently },
): Promise<Remote | Refusal> {
  const ca = caFile === undefined ? {} : { caFile }
  if (tokenFile !== undefined) return { webUrl, token: { file: tokenFile }, ...ca }
  const given = await patientAnswer(patiently, async () => {
    const authorization = await credential.authorize(repository.split('/')[0])
    return typeof authorization === 'string' ? { result: 'answered', authorization } : authorization
  })
  if (given.result === 'refused') return given
  return { webUrl, token: { text: given.authorization.replace(/^Bearer /, '') }, ...ca }
}

/** What the next run need not look at again. */
const isSettled = ({ result }: Outcome) => result === 'unchanged' || result === 'pushed' || result === 'waiting'

type Group = 'done' | 'unchanged' | 'nothing' | 'open'

/** What was brought over may leave something for a person, too. */
function groupsOf(outcome: Outcome): Group[] {
  const open: Group[] = 'conflicts' in outcome && outcome.conflicts.length > 0 ? ['open'] : []
  if (outcome.result === 'planned' || outcome.result === 'pushed') return ['done', ...open]
  if (outcome.result === 'unchanged' || outcome.result === 'waiting') return ['unchanged', ...open]
  return [outcome.result === 'nothing' ? 'nothing' : 'open']
}

/** To look at, or to build: every path was made by us, and leads nowhere else. */
async function writeAll(git: WikiGit, files: ReadonlyMap<string, string>, out: string): Promise<void> {
  const reader = git.reader()
  for (const [path, id] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), await reader.read(id))
  }
  await reader.end()
}
