// A whole life of the relay as one function: arguments and edges in, exit code out.
import { parseArgs } from 'node:util'
import { count } from '../schemas/count.ts'
import { openBackstage } from './clients/backstage.ts'
import { openGhes } from './clients/ghes/ghes.ts'
import { loadConfig, type RelayConfig } from './config/relay-config.ts'
import type { TargetConfig } from './config/sections.ts'
import type { StorePlace } from './config/store-place.ts'
import { startRelay } from './relay.ts'
import { systemClock } from './runtime/clock.ts'
import { type ObservedCall, openEvents } from './runtime/events.ts'
import { LOG_LEVELS, type Logger, openLog } from './runtime/log.ts'
import { openStore, placeName } from './store/open-store.ts'
import { type Store, StoreRefused, StoreUnavailable } from './store/store.ts'

export type RelayEdges = {
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

/** Runs until asked to stop. 0 clean stop, or the usage was asked for, 2 wrong usage or configuration, 3 our own fault. */
export async function runRelay(edges: RelayEdges): Promise<number> {
  if (edges.args.some(word => word === '--help' || word === '-h')) {
    edges.out.write(`${USAGE}\n`)
    return 0
  }
  const old = nodeProblem(edges.nodeVersion)
  const path = old === undefined ? configPath(edges.args) : undefined
  if (path === undefined) return refuse(edges, old ?? USAGE)
  const level = edges.env['LOG_LEVEL'] || 'info'
  if (!LOG_LEVELS.includes(level)) return refuse(edges, `LOG_LEVEL: expected ${LOG_LEVELS.join(', ')}`)
  const log = openLog(edges.out, level)
  const loaded = loadConfig(path, { env: edges.env, now: Date.now, onTrouble: message => log.error(message) })
  if (loaded.result === 'wrong') {
    return refuse(
      edges,
      [`${path}: ${count(loaded.problems.length, 'problem')}`, ...loaded.problems.map(problem => `  ${problem}`)].join(
        '\n',
      ),
    )
  }
  for (const warning of loaded.warnings) log.warn(warning)
  const { config } = loaded
  const opened = await openConfiguredStore(config.store, log)
  if ('refused' in opened) return refuse(edges, opened.refused)
  if ('failed' in opened) return fault(edges, `store: cannot open ${placeName(config.store)}`, opened.failed)
  return live(config, opened.store, log, edges)
}

type OpenedStore = { store: Store } | { refused: string } | { failed: unknown }

async function openConfiguredStore(place: StorePlace, log: Logger): Promise<OpenedStore> {
  try {
    return { store: await openStore(place, { clock: systemClock, onTrouble: message => log.warn(message) }) }
  } catch (error) {
    if (error instanceof StoreRefused) return { refused: error.message }
    if (error instanceof StoreUnavailable) return { refused: `store: ${placeName(place)}: ${error.message}` }
    return { failed: error }
  }
}

/** From the first listening to the end of a stop. */
async function live(config: RelayConfig, store: Store, log: Logger, edges: RelayEdges): Promise<number> {
  const clock = systemClock
  const events = openEvents()
  const watched = { now: clock.now, observe: (call: ObservedCall) => events.tell({ event: 'call', ...call }) }
  const { ca, baseUrl, ...access } = config.ghe
  const ghes = openGhes({ ...access, baseUrl, ...(ca === undefined ? {} : { ca }), ...watched })
  const backstage = openBackstage({ ...targetOf(config.backstage), ...watched })
  // Before it listens: whoever sees that may ask it to stop at once.
  const stopped = stopRequested(edges)
  try {
    const relay = await startRelay({ config, store, ghes, backstage, clock, wallMs: Date.now, log, events })
    await stopped
    await relay.stop()
    return 0
  } catch (error) {
    const taken = addressProblem(error)
    return taken === undefined ? fault(edges, 'the relay failed', error) : refuse(edges, taken)
  } finally {
    await Promise.all([ghes.close(), backstage.close()])
    await store.close()
  }
}

const targetOf = ({ baseUrl, token, ca }: TargetConfig) => ({ baseUrl, token, ...(ca === undefined ? {} : { ca }) })

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

function stopRequested({ onStop, endNow }: RelayEdges): Promise<void> {
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

function refuse({ err }: RelayEdges, message: string): number {
  err.write(`catalog-gate relay: ${message}\n`)
  return 2
}

function fault({ err }: RelayEdges, message: string, error: unknown): number {
  err.write(
    `catalog-gate relay: ${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 3
}
