// Proposals as files in a folder, OWNER/NAME/catalog-info.yaml: to look at, or to bring in by another way.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { count } from '../../schemas/count.ts'
import { errorCode } from '../../schemas/error-code.ts'
import type { Row } from './plan.ts'

/** A file that is there and says something else stays as it is. */
export function writeFiles(folder: string, rows: readonly Row[], say: (line: string) => void): { left: number } {
  const tally = { written: 0, same: 0, left: 0 }
  for (const { repository, proposal, repaired } of rows) {
    const files =
      proposal === undefined ? (repaired ?? new Map<string, string>()) : new Map([[proposal.path, proposal.text]])
    for (const [path, text] of files) {
      const result = writeOnce(join(folder, repository.repository, path), text)
      tally[result]++
      if (result === 'left') say(`left alone, it is there and says something else: ${repository.repository}/${path}`)
    }
  }
  const { written, same, left } = tally
  say(`${count(written, 'file')} written to ${folder}, ${same} there already, ${left} left alone`)
  return { left }
}

function writeOnce(path: string, text: string): 'written' | 'same' | 'left' {
  mkdirSync(dirname(path), { recursive: true })
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return 'written'
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    return readFileSync(path, 'utf8') === text ? 'same' : 'left'
  }
}
