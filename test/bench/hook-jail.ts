// What the sandbox costs a push: the hook inside the built environment, under nsjail's limits and a filter that kills, against the same hook outside.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildEnvironment } from '../../scripts/environment/build.ts'
import { environmentEdges } from '../support/environment.ts'
import { endWithUs } from '../support/process.ts'
import type { BenchFixture } from './bench-fixture.ts'
import { ROUNDS, ratioRow } from './measure.ts'
import { catalogFile, createRepository, type Push, preparePush } from './push.ts'
import type { Row } from './row.ts'

const WHAT = 'in the jail, against outside'
const root = join(import.meta.dirname, '../..')

export async function benchHookJail(fixture: BenchFixture): Promise<Row[]> {
  if (process.getuid?.() !== 0) return [{ what: `a hook ${WHAT}`, note: 'needs root' }]
  const inside = join(fixture.directory, 'root')
  const problem = await makeJail(inside, fixture.directory)
  if (problem !== undefined) return [{ what: `a hook ${WHAT}`, note: problem }]
  const hook = await fixture.hook('alone')
  copyFileSync(hook, join(inside, 'test/catalog-gate'))
  const repository = await createRepository(join(fixture.directory, 'small.git'), 100)
  mkdirSync(join(inside, repository.directory), { recursive: true })
  const pushes = {
    'one catalog file': await preparePush(
      repository,
      { 'catalog-info.yaml': catalogFile('payments', 'P 2') },
      'update',
    ),
    'no catalog file': await preparePush(repository, { 'src/package0/file0.java': 'class Other {}\n' }, 'update'),
  }
  const out = new Driver(
    process.execPath,
    [join(import.meta.dirname, 'jail-driver.mjs')],
    repository.directory,
    process.env,
  )
  const jail = new Driver(
    join(root, 'scripts/try/jail.sh'),
    [
      '/usr/bin/env',
      'LD_PRELOAD=/opt/catalog-gate/lib/sandbox-guard.so',
      '/opt/catalog-gate/bin/node',
      '/test/jail-driver.mjs',
    ],
    repository.directory,
    { ...process.env, ...settings(inside) },
  )
  const samples = new Map<string, number[]>()
  try {
    for (let round = -1; round < ROUNDS; round++) {
      for (const [what, push] of Object.entries(pushes)) {
        for (const [where, driver, command] of [
          ['outside', out, hook],
          ['jail', jail, '/test/catalog-gate'],
        ] as const) {
          const ms = await driver.run(command, push, where === 'jail')
          const name = where === 'jail' ? `${what}, ${WHAT}` : `${what}, outside`
          if (round >= 0) samples.set(name, [...(samples.get(name) ?? []), ms])
        }
      }
    }
  } finally {
    await Promise.all([out.end(), jail.end()])
    rmSync(inside, { recursive: true, force: true })
  }
  return Object.keys(pushes).map(what => ratioRow(samples, `${what}, ${WHAT}`, `${what}, outside`, 1.25))
}

/** Unpacked in `inside`; or why not. */
async function makeJail(inside: string, folder: string): Promise<string | undefined> {
  const tarball = join(folder, 'env.tar.gz')
  const said: string[] = []
  if ((await buildEnvironment({ out: tarball }, environmentEdges(said))) !== 0) return said.join('; ')
  mkdirSync(join(inside, 'test'), { recursive: true })
  execFileSync('tar', ['--extract', '--gzip', '--file', tarball, '--directory', inside])
  const filter = join(root, 'scripts/try/seccomp-kill.c')
  execFileSync('cc', ['-O1', '-static', '-o', join(inside, 'test/seccomp-kill'), filter])
  copyFileSync(join(import.meta.dirname, 'jail-driver.mjs'), join(inside, 'test/jail-driver.mjs'))
  return undefined
}

const settings = (inside: string) => ({
  JAIL_ROOT: inside,
  JAIL_FILTER: 'kill',
  JAIL_LIMITS: 'nsjail64',
  JAIL_PROC: 'yes',
  JAIL_DEV: 'yes',
  JAIL_READONLY: 'no',
  JAIL_USER: 'mapped',
})

/** A process that times others where it is: entering the jail is GHES's business, and not in the figure. */
class Driver {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #errors = ''

  constructor(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { cwd, env, stdio: 'pipe' })
    endWithUs(this.#child)
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString('utf8')))
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async run(command: string, { env, input, repository }: Push, isInside: boolean): Promise<number> {
    const { CATALOG_GATE_NODE, ...rest } = env
    const own = isInside ? { ...rest, PATH: '/usr/bin:/bin' } : { ...rest, CATALOG_GATE_NODE }
    this.#child.stdin.write(`${JSON.stringify({ command, env: own, input, cwd: repository.directory })}\n`)
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`the process that measures has ended: ${this.#errors}`)
    const { ms, status, said } = JSON.parse(value) as { ms: number; status: number | null; said: string }
    // Also "accepted unchecked" would be a bench of something broken.
    if (status !== 0 || said !== '') throw new Error(`${command}: status ${status}, it said: ${said.slice(0, 400)}`)
    return ms
  }

  async end(): Promise<void> {
    const closed = once(this.#child, 'close')
    this.#child.stdin.end()
    await closed
  }
}
