// Ctrl-C in the middle of a command, for certain: what it asks, or reads, waits for its answer until it has heard of the signal. No machine is too fast or too slow for that.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { errorCode } from '../../schemas/error-code.ts'
import type { Recorded, StandIn } from '../support/stand-in.ts'

export type Fits = (request: Recorded) => boolean

/** Resolves where the command has come to its middle (or has ended before), with what lets it go on. */
export type Middle = (isRunning: () => boolean) => Promise<() => void>

/** What shows on the disk or in /proc alone. */
async function until(isRunning: () => boolean, isSo: () => boolean): Promise<void> {
  while (isRunning() && !isSo()) await delay(10)
}

/** At its next request that fits: it has no answer yet. */
export const asking =
  (whom: StandIn, fits?: Fits): Middle =>
  () =>
    whom.hold(fits)

/** At a file that it reads: a pipe in the file's place, in which nothing comes. Without a file there the pipe is all. */
export const reading =
  (path: string): Middle =>
  async isRunning => {
    const aside = `${path}.aside`
    const isFile = renamed(path, aside)
    execFileSync('mkfifo', [path])
    let pipe: number | undefined
    await until(isRunning, () => {
      pipe = openedByAReader(path)
      return pipe !== undefined
    })
    return () => {
      if (pipe !== undefined) closeSync(pipe)
      if (isFile) renameSync(aside, path)
      else rmSync(path)
    }
  }

/** Nothing holds it there: it may be over before we have seen it. */
export const seen =
  (isSo: () => boolean): Middle =>
  async isRunning => {
    await until(isRunning, isSo)
    return () => undefined
  }

function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

function openedByAReader(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (errorCode(error) === 'ENXIO') return undefined
    throw error
  }
}

/** Ctrl-C to it; resolves when it has heard of that, or has ended. */
export async function interrupt(pid: number, isOfNpm: boolean, isRunning: () => boolean): Promise<void> {
  if (!isRunning()) return
  // npm hands a signal to nobody: a terminal sends it to all that run there.
  process.kill(isOfNpm ? -pid : pid, 'SIGINT')
  await until(isRunning, () => !isOfNpm && hasHeard(pid))
}

const SIGINT_BIT = 2n

/** Node catches the signal once, by itself or for a command that ends in order; what has let go of it has heard. Under an old Node the child does the work. */
function hasHeard(pid: number): boolean {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
    const isOurs = (child: string) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('catalog-gate.mjs')
    const worker = children.find(isOurs) ?? pid
    const [, caught = ''] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${worker}/status`, 'utf8')) ?? []
    return (BigInt(`0x${caught}`) & SIGINT_BIT) === 0n
  } catch {
    return false // it ends just now
  }
}
