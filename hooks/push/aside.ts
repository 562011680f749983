// Catalog files anywhere in a commit that may name certain files: git looks for the names in them, so that no tree is walked in here. And links that are called so.
import type { Deadline } from '../config/deadline.ts'
import { ANY_WAY, BEFORE_NAME, BEHIND_NAME, GREP, MOST_LETTERS, OTHER_WAYS } from '../config/naming.ts'
import { linksIn } from './compare.ts'
import { textOf } from './path-text.ts'
import { run } from './run-git.ts'

const PLAIN = /^[\w.-]+$/

/** A dot is any letter: too much rather than too little. */
function patternOf(names: readonly string[]): string {
  const plain = names.filter(name => PLAIN.test(name)).join('|')
  const isAny = plain.length > MOST_LETTERS || names.some(name => !PLAIN.test(name))
  return `${OTHER_WAYS}|${BEFORE_NAME}(${isAny ? ANY_WAY : plain})${BEHIND_NAME}`
}

/** Undefined where git could not tell, or there was no time. */
export async function filesNaming(
  env: NodeJS.ProcessEnv,
  commit: string,
  names: ReadonlySet<string>,
  pathspecs: readonly string[],
  deadline: Deadline,
): Promise<string[] | undefined> {
  const chunks: Uint8Array[] = []
  const args = [...GREP, '-z', '-e', patternOf([...names]), commit, '--', ...pathspecs]
  const end = await run(env, args, [], deadline, chunk => chunks.push(chunk), true)
  // 1: there is none.
  if (end !== 0 && end !== 1) return undefined
  const lines = textOf(Buffer.concat(chunks)).split('\0').slice(0, -1)
  const links = await linksIn(env, commit, pathspecs, deadline)
  return links && [...lines.map(line => line.slice(commit.length + 1)), ...links]
}
