// Child processes of tests and of the demo: started, waited for, stopped, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type Started = {
  pid: number
  /** Everything that it wrote so far, stdout and stderr. */
  output: () => string
  /** Undefined while it runs. */
  ended: () => string | undefined
  /** SIGTERM, then SIGKILL when it takes longer than this. Resolves when it is gone. */
  stop: (patienceMs?: number) => Promise<void>
  /** SIGKILL, as a crash. */
  kill: () => Promise<void>
  /** Resolves at its end, whatever ended it. */
  gone: Promise<void>
}

const living = new Set<ChildProcess>()

/** It is killed with us when it still runs then. */
export function endWithUs(child: ChildProcess): void {
  living.add(child)
  child.once('close', () => living.delete(child))
}

// The last net: also after an exception or process.exit nothing is left behind.
process.once('exit', killAll)
// A run that is cut off ends its test files by a signal, which is no exit by itself: a backend that is left behind grows to gigabytes.
if (process.env['NODE_TEST_CONTEXT'] !== undefined)
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))

/** SIGKILL to every child that still runs. */
export function killAll(): void {
  for (const child of living) child.kill('SIGKILL')
}

export function startProcess(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Started {
  // A group of its own: Ctrl-C reaches only us, and we stop it in order.
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  endWithUs(child)
  let output = ''
  let ended: string | undefined
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.once('error', error => {
    ended = `could not be started: ${error.message}`
  })
  const gone = new Promise<void>(resolve => {
    child.once('close', (code, signal) => {
      ended ??= code === null ? `was ended by ${signal}` : `ended with exit code ${code}`
      resolve()
    })
  })
  const end = async (signal: NodeJS.Signals, patienceMs: number): Promise<void> => {
    if (ended !== undefined) return
    const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    child.kill(signal)
    await gone
    clearTimeout(insist)
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended: () => ended,
    stop: (patienceMs = 10_000) => end('SIGTERM', patienceMs),
    kill: () => end('SIGKILL', 0),
    gone,
  }
}

/** Asks until `url` answers 200: another process says in no other way that it is ready. Throws when it ends or takes too long. */
export async function untilReady(name: string, started: Started, url: string, deadlineMs: number): Promise<number> {
  const from = performance.now()
  while (performance.now() - from < deadlineMs) {
    if (started.ended() !== undefined) throw new Error(`${name} ${started.ended()} at its start:\n${started.output()}`)
    const status = await fetch(url).then(
      response => response.status,
      () => 0,
    )
    if (status === 200) return performance.now() - from
    await delay(25)
  }
  throw new Error(`${name} was not ready at ${url} after ${deadlineMs} ms:\n${started.output()}`)
}

/** A port that was free a moment ago, for a program that cannot say which one it took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
