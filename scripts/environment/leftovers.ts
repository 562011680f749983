// What a build writes before it is whole bears the number of its process: a build that was killed is known by it, and cleared by the next one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isRunning } from '../cli/is-running.ts'

const FOLDER = /^catalog-gate-environment-(\d+)-/
const PART = /^(?:\.cdx\.json)?\.(\d+)\.part$/

/** The working folder; only its owner may look into it. */
export const makeFolder = (temporary: string): string =>
  mkdtempSync(join(temporary, `catalog-gate-environment-${process.pid}-`))

/** Beside `file`, so that it can be renamed; unfinished. */
export const unfinished = (file: string): string => `${file}.${process.pid}.part`

/** Removes what builds left that are no more, in `temporary` and beside `out`. Gives what cannot be removed, as sentences. */
export function clearLeftovers(temporary: string, out: string): string[] {
  const left = [
    ...readdirSync(temporary).map(name => ({ path: join(temporary, name), pid: FOLDER.exec(name)?.[1] })),
    ...readdirSync(dirname(out))
      .filter(name => name.startsWith(basename(out)))
      .map(name => ({ path: join(dirname(out), name), pid: PART.exec(name.slice(basename(out).length))?.[1] })),
  ]
  return left.filter(({ pid }) => pid !== undefined && !isRunning(Number(pid))).flatMap(({ path }) => remove(path))
}

/** Unless something is mounted in it, as by an mmdebstrap that was killed: what is mounted is the machine's. */
export function remove(path: string): string[] {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path}/`)
  if (mounted) return [`${path} stays, since something is mounted in it; umount it, and remove the folder`]
  rmSync(path, { recursive: true, force: true })
  return []
}
