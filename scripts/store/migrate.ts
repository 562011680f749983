// `catalog-gate store migrate FROM TO`: words around relay/store/migrate/move.ts.
import { readFileSync } from 'node:fs'
import { storePlace } from '../../relay/config/store-place.ts'
import { type Moved, moveStore } from '../../relay/store/migrate/move.ts'
import { placeName } from '../../relay/store/open-store.ts'
import { StoreRefused, StoreUnavailable } from '../../relay/store/store.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import type { LineEdges } from '../cli/process-edges.ts'

/** 0 moved, or moved before; 2 the set-up is at fault; 3 the database went away on the way: nothing was moved. */
export async function migrateStore(from: string, to: string, { say, sayError }: LineEdges): Promise<number> {
  const target = to.startsWith('@') ? fileText(to.slice(1)) : { text: to }
  if ('problem' in target) return wrong(sayError, target.problem)
  const [source, place] = [storePlace(from, '.'), storePlace(target.text, '.')]
  if ('problem' in source) return wrong(sayError, `<from>: ${source.problem}`)
  if ('problem' in place) return wrong(sayError, `<to>: ${place.problem}`)
  if (source.kind !== 'sqlite')
    return wrong(
      sayError,
      '<from>: expected SQLite, sqlite://PATH; back to one machine there is no way but an empty store',
    )
  if (place.kind !== 'postgres')
    return wrong(sayError, '<to>: expected postgres://USER:PASSWORD@HOST:5432/DATABASE, or @FILE that holds it')
  if (to === target.text && new URL(to).password !== '')
    sayError(
      'warning: a password on the command line is seen by everybody on this machine; put the URL into a file and name it as @FILE',
    )
  say(`${placeName(source)} to ${placeName(place)}`)
  try {
    tellMoved(await moveStore(source, place, say), say)
    return 0
  } catch (error) {
    if (error instanceof StoreRefused) return wrong(sayError, error.message)
    if (!(error instanceof StoreUnavailable)) throw error
    sayError(`error: ${error.message}`)
    sayError('Nothing was moved: the copy is one transaction. Run the same command again.')
    return 3
  }
}

function tellMoved({ result, counts, setAsideAs }: Moved, say: LineEdges['say']): void {
  const rows = Object.values(counts).reduce((sum, n) => sum + n, 0)
  if (result === 'copied before')
    say('Everything had been moved already, by a run that was interrupted at its very end.')
  else
    say(
      `Moved ${counts.push} pushes, ${counts.job} jobs and ${counts.known_file} known files, ${rows} rows in all; counted again on the other side.`,
    )
  say(
    `The old store was set aside as ${setAsideAs}. Now name the new one as "store" in relay.yaml and start the relays.`,
  )
}

function fileText(path: string): { text: string } | { problem: string } {
  try {
    return { text: readFileSync(path, 'utf8').trim() }
  } catch (error) {
    return { problem: `cannot read ${path}: ${fileTrouble(error)}` }
  }
}

function wrong(sayError: LineEdges['sayError'], problem: string): number {
  sayError(`error: ${problem}`)
  return 2
}
