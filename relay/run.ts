// A whole life of the relay as one function: arguments and the world in, exit code out.
import { parseArgs } from 'node:util'
import { count } from '../schemas/count.ts'
import { openBackstage } from './clients/backstage.ts'
import { openGhes } from './clients/ghes/ghes.ts'
import { loadConfig } from './config/relay-config.ts'
import { startRelay } from './relay.ts'
import { systemClock } from './runtime/clock.ts'
import { type ObservedCall, openEvents } from './runtime/events.ts'
import { LOG_LEVELS, openLog } from './runtime/log.ts'
import { openStore, placeName } from './store/open-store.ts'
import { type Store, StoreRefused, StoreUnavailable } from './store/store.ts'

export type RelayWorld = {
  args: readonly string[]
  env: Record<string, string | undefined>
  /** The log. */
  out: { write(text: string): void }
  /** What is wrong with the start. */
  err: { write(text: string): void }
  nodeVersion: string
  /** Calls back for every request to stop. */
  onStop: (callback: () => void) => void
  /** A second request to stop ends the process at once. */
  endNow: () => void
}

const USAGE = 'usage: catalog-gate relay --config relay.yaml'
const NEEDED_NODE = { major: 24, minor: 15 }

/** Runs until asked to stop. 0 clean stop, 2 wrong usage or configuration, 3 our own fault. */
export async function runRelay(world: RelayWorld): Promise<number> {
  const old = nodeProblem(world.nodeVersion)
  const path = old === undefined ? configPath(world.args) : undefined
  if (path === undefined) return refuse(world, old ?? USAGE)
  const level = world.env['LOG_LEVEL'] || 'info'
  if (!LOG_LEVELS.includes(level)) return refuse(world, `LOG_LEVEL: expected ${LOG_LEVELS.join(', ')}`)
  const log = openLog(world.out, level)
  const loaded = loadConfig(path, { env: world.env, now: Date.now, onTrouble: message => log.error(message) })
  if (loaded.result === 'wrong') {
    return refuse(
      world,
      [`${path}: ${count(loaded.problems.length, 'problem')}`, ...loaded.problems.map(problem => `  ${problem}`)].join(
        '\n',
      ),
    )
  }
  const { config } = loaded
  const clock = systemClock
  let store: Store
  try {
    store = await openStore(config.store, { clock, onTrouble: message => log.warn(message) })
  } catch (error) {
    if (error instanceof StoreRefused) return refuse(world, error.message)
    if (error instanceof StoreUnavailable) return refuse(world, `store: ${placeName(config.store)}: ${error.message}`)
    return fault(world, `store: cannot open ${placeName(config.store)}`, error)
  }
  const events = openEvents()
  const watched = { now: clock.now, observe: (call: ObservedCall) => events.tell({ event: 'call', ...call }) }
  const ghes = openGhes({ ...config.ghe, ...watched })
  const backstage = openBackstage({ ...config.backstage, ...watched })
  try {
    const relay = await startRelay({ config, store, ghes, backstage, clock, wallMs: Date.now, log, events })
    await stopRequested(world)
    await relay.stop()
    return 0
  } catch (error) {
    const taken = addressProblem(error)
    return taken === undefined ? fault(world, 'the relay failed', error) : refuse(world, taken)
  } finally {
    await Promise.all([ghes.close(), backstage.close()])
    await store.close()
  }
}

function configPath(args: readonly string[]): string | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } })
    return values.config
  } catch {
    return undefined
  }
}

/** node:sqlite needs no flag, and is stable, from 24.15 on. */
function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > NEEDED_NODE.major || (major === NEEDED_NODE.major && minor >= NEEDED_NODE.minor)) return undefined
  return `Node ${version} is too old for the relay; expected ${NEEDED_NODE.major}.${NEEDED_NODE.minor} or newer (it keeps pushes in node:sqlite)`
}

function stopRequested({ onStop, endNow }: RelayWorld): Promise<void> {
  return new Promise(resolve => {
    let asked = false
    onStop(() => {
      if (asked) endNow()
      asked = true
      resolve()
    })
  })
}

function addressProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined
  if (!['listen', 'getaddrinfo'].includes(String(error.syscall))) return undefined
  return `listen or admin: ${error.message}`
}

function refuse({ err }: RelayWorld, message: string): number {
  err.write(`catalog-gate relay: ${message}\n`)
  return 2
}

function fault({ err }: RelayWorld, message: string, error: unknown): number {
  err.write(
    `catalog-gate relay: ${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 3
}
