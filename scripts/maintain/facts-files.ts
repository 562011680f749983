// The facts about Backstage that are committed, and what is different in others.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FILES = { schemas: 'backstage-facts.txt', processors: 'backstage-processor-facts.txt' }
export type FactsFile = keyof typeof FILES

const pathOf = (file: FactsFile) => join(import.meta.dirname, '../../schemas', FILES[file])

export const readFacts = (file: FactsFile): string[] => readFileSync(pathOf(file), 'utf8').split('\n').filter(Boolean)

export const writeFacts = (file: FactsFile, facts: readonly string[]): void =>
  writeFileSync(pathOf(file), `${facts.join('\n')}\n`)

/** Lines as `diff` has them, in order; empty when nothing changed. */
export function changesIn(before: readonly string[], after: readonly string[]): string[] {
  const was = new Set(before)
  const is = new Set(after)
  const gone = before.filter(line => !is.has(line)).map(line => ({ line, text: `- ${line}` }))
  const added = after.filter(line => !was.has(line)).map(line => ({ line, text: `+ ${line}` }))
  return [...gone, ...added].sort((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0)).map(({ text }) => text)
}
