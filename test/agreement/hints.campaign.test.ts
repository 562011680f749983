// Whoever does what a hint says, to the letter, is not told the same again: on golden files, messages, the page of the checks, and near-valid files.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import { page, sectionsOf } from '../../scripts/maintain/checks-page.ts'
import { rounds, seed } from '../support/campaign.ts'
import { ours } from './compare.ts'
import { obeyed } from './hints.ts'
import { BY_HAND } from './hints-by-hand.ts'
import { mutant } from './mutants.ts'

const cases = join(import.meta.dirname, '../cases')
const documents = [
  ...globSync('*.yaml', { cwd: cases }).map(name => readFileSync(join(cases, name), 'utf8')),
  ...readFileSync(join(import.meta.dirname, '../checks/messages.txt'), 'utf8')
    .split(/^=== .*\n/m)
    .map(part => part.replace(/^--->\n[\s\S]*/m, '')),
  ...sectionsOf(readFileSync(page, 'utf8'))
    .flatMap(({ examples }) => examples)
    .filter(({ rule, hook }) => rule === undefined && hook === undefined)
    .map(({ yaml }) => yaml),
]

const check = (text: string) => ours(Buffer.from(text), 'builtin').diagnostics
const isError = ({ severity }: Diagnostic) => severity === 'error'
const told = ({ code, message, hint }: Diagnostic) => `${code}: ${message} (${hint})`

/** What is not right about the hints of a document, obeyed one by one; and how many could be. */
function faultsIn(text: string): { faults: string[]; count: number } {
  const faults: string[] = []
  let count = 0
  const before = check(text)
  const isBroken = before.some(({ code }) => code.startsWith('yaml-') || code === 'not-a-map')
  for (const one of before) {
    // What is cut off cannot be told from another.
    if (one.hint === undefined || one.message.includes('...') || BY_HAND.some(([hint]) => hint.test(one.hint ?? '')))
      continue
    const after = obeyed(text, one)
    if (after === undefined) {
      faults.push(`nobody knows how to do it: ${told(one)}`)
      continue
    }
    count++
    const now = check(after)
    // Of what is no YAML, the next one of a kind is told when the first is mended.
    const isSame = (other: Diagnostic) =>
      told(other) === told(one) && (!isBroken || (other.line === one.line && other.column === one.column))
    const isBack = now.filter(isSame).length >= before.filter(isSame).length
    // Another kind or version has fields of its own, and so has a map in the place of a list.
    // Keys that differ only in case are looked for when all else is right. What a quoted file holds is of our making.
    const errorsIn = (all: readonly Diagnostic[]) =>
      all.filter(other => isError(other) && other.code !== 'key-case' && other.finding?.quoted === undefined).length
    const isWorse =
      isError(one) &&
      !isBroken &&
      !/^(?:kind|apiVersion|metadata is a list|spec is a string)\b/.test(one.message) &&
      errorsIn(now) >= errorsIn(before)
    if (isBack || isWorse)
      faults.push(
        `${told(one)}\n${now.map(other => `    now ${told(other)}`).join('\n')}\n${after.replace(/^/gm, '  > ')}`,
      )
  }
  return { faults, count }
}

test('every hint, obeyed to the letter, mends what it is about', () => {
  const all = documents.map(faultsIn)
  const faults = all.flatMap(one => one.faults)
  assert.deepEqual(faults, [], faults.join('\n'))
  const count = all.reduce((sum, one) => sum + one.count, 0)
  assert.ok(count > 250, `only ${count} hints were obeyed`)
})

/** A person obeys in lines: not within brackets, not where characters hide, nor where a tag makes something else of a value. */
const isInLines = (text: string) =>
  !/^\s*\*\w+ :|%YAML 1\.1[\s\S]*<<|^<<:|!!(?:merge|seq|map|timestamp|pairs|set|omap|binary)\b|&anchor|^(?:---.*)?\s*[{[]|[{[]\n|^\s*\? |^!|[^\t\n\P{Cc}]|[\u00a0\u2028\ufeff]/mu.test(
    text,
  )

test('of near-valid files, too', t => {
  let count = 0
  const faults: string[] = []
  for (let index = 0; index < rounds(100, 5000); index++) {
    const text = Buffer.from(mutant(seed, index).bytes).toString('utf8')
    if (!isInLines(text)) continue
    const found = faultsIn(text)
    count += found.count
    faults.push(...found.faults.map(fault => `seed ${seed}, index ${index}: ${fault}`))
  }
  t.diagnostic(`${count} hints were obeyed`)
  assert.equal(faults.length, 0, `${faults.length}\n${faults.slice(0, 20).join('\n')}`)
})
