// What earlier runs have seen of each wiki, in one file: a wiki that has not changed costs one `git ls-remote`.
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from '../../schemas/error-code.ts'
import { writeWhole } from '../cli/whole-file.ts'

export type WikiState = {
  /** The wiki's commit that was brought over. */
  seen(repository: string): string | undefined
  /** Written at once, as a whole or not at all: what is cut off here goes on with the next repository. */
  done(repository: string, wiki: string): void
}

/** A file that is missing or damaged is an empty one: then each wiki is looked at once more. */
export function openState(path: string): WikiState {
  const wikis = readWikis(path)
  return {
    seen: repository => wikis.get(repository.toLowerCase()),
    done: (repository, wiki) => {
      wikis.set(repository.toLowerCase(), wiki)
      mkdirSync(dirname(path), { recursive: true })
      writeWhole(path, `${JSON.stringify({ version: 1, wikis: Object.fromEntries(wikis) }, null, 1)}\n`)
    },
  }
}

function readWikis(path: string): Map<string, string> {
  try {
    const data: unknown = JSON.parse(readFileSync(path, 'utf8'))
    const wikis = typeof data === 'object' && data !== null && 'wikis' in data ? data.wikis : undefined
    const rows = typeof wikis === 'object' && wikis !== null ? Object.entries(wikis) : []
    return new Map(rows.filter((row): row is [string, string] => typeof row[1] === 'string'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return new Map()
    throw error
  }
}
