// Secrets: texts or files. Files are read again when they change, so that a rotation needs no restart.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileTrouble } from '../../schemas/error-code.ts'

/** The secret's current text. Never written to a log or a message. */
export type Secret = () => string

export type SecretSource = string | { $file: string }

/** A file may change at any time; asking the file system at every request would be a cost for nothing. */
const LOOK_AGAIN_MS = 1000

/** Where a secret's file is, what is wrong with it, and what came of it. */
type Reading = { result: 'text'; text: string; version: string } | { result: 'unusable'; reason: string }

export type SecretOptions = {
  /** Name of the setting, for messages. */
  setting: string
  folder: string
  now: () => number
  /** What else a usable text must be; the reason must not quote it. */
  check?: (text: string) => string | undefined
  /** A changed file that is of no use: the old text stays in force. */
  onTrouble: (message: string) => void
}

/** The secret, or in `problem` what is wrong with it now. */
export function openSecret(source: SecretSource, options: SecretOptions): { secret: Secret } | { problem: string } {
  if (typeof source === 'string') {
    const reason = options.check?.(source)
    return reason === undefined ? { secret: () => source } : { problem: `${options.setting}: ${reason}` }
  }
  const path = resolve(options.folder, source.$file)
  const first = read(path, options.check)
  if (first.result === 'unusable') return { problem: `${options.setting}: ${first.reason}` }
  return { secret: followFile(path, first, options) }
}

function followFile(path: string, first: { text: string; version: string }, options: SecretOptions): Secret {
  let current = first
  let lookedAtMs = options.now()
  let lastTrouble = ''
  return () => {
    const now = options.now()
    if (now - lookedAtMs < LOOK_AGAIN_MS) return current.text
    lookedAtMs = now
    if (versionOf(path) === current.version) return current.text
    const next = read(path, options.check)
    if (next.result === 'text') current = next
    const trouble =
      next.result === 'unusable' ? `${options.setting}: ${next.reason}; the former secret stays in force` : ''
    if (trouble && trouble !== lastTrouble) options.onTrouble(trouble)
    lastTrouble = trouble
    return current.text
  }
}

function read(path: string, check?: (text: string) => string | undefined): Reading {
  try {
    const open = openToOthers(path)
    if (open !== undefined) return { result: 'unusable', reason: open }
    const version = versionOf(path)
    const text = readFileSync(path, 'utf8').trim()
    const reason = text === '' ? 'is empty' : check?.(text)
    return reason === undefined
      ? { result: 'text', text, version }
      : { result: 'unusable', reason: `${path} ${reason}` }
  } catch (error) {
    return { result: 'unusable', reason: `cannot read ${path}: ${fileTrouble(error)}` }
  }
}

/** What keeps a text from going into a header, as a token does: a line break in it would be refused at every call, and much later. */
export const headerProblem = (text: string): string | undefined =>
  /^[\x21-\x7e]+$/.test(text) ? undefined : 'has blanks, line breaks or characters that no token has'

/** What is wrong with the permissions of a secret's file; nothing when there is no such file. */
export function openToOthers(path: string): string | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  return mode & 0o004 ? `${path} can be read by every user of this machine; run: chmod o-rwx ${path}` : undefined
}

/** Tells one state of a file from another. Follows links: Kubernetes replaces a secret by pointing a link elsewhere. */
export function versionOf(path: string): string {
  try {
    const { mtimeMs, ctimeMs, ino, size } = statSync(path)
    return [mtimeMs, ctimeMs, ino, size].join(' ')
  } catch {
    return 'missing'
  }
}
