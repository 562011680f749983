// Verdicts of the catalog, as our module in Backstage sends them: request → readings | refusal.

import schema from '../../schemas/catalog-verdicts.schema.json' with { type: 'json' }
import type { CatalogVerdict, CatalogVerdicts } from '../../schemas/catalog-verdicts.ts'
import { catalogVerdicts } from '../../schemas/compiled/own.mjs'
import { messageProblem } from '../../schemas/config-problems.ts'
import { parseWellFormed } from '../../schemas/text.ts'
import { decoded } from '../../schemas/url-path.ts'
import type { Reading } from '../store/ports/verdicts.ts'
import { type Refusal, refuse } from './refusal.ts'

/** In these bytes, whose signature is right. What is about no file of our GHES is left out. */
export function readVerdicts(
  body: Buffer,
  host: string,
): { result: 'readings'; readings: Reading[]; busy?: number } | Refusal {
  let message: unknown
  try {
    message = parseWellFormed(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return refuse(400, 'the body is not JSON in UTF-8')
  }
  const problem = messageProblem(catalogVerdicts, schema, message)
  if (problem !== undefined) return refuse(400, problem)
  const { verdicts, busy } = message as CatalogVerdicts
  const readings = verdicts.flatMap(verdict => readingOf(verdict, host) ?? [])
  return { result: 'readings', readings, ...(busy === undefined ? {} : { busy }) }
}

function readingOf({ location, entity, result, errors, heldBy, at, blob, of }: CatalogVerdict, host: string) {
  const place = placeOf(location, host)
  const atMs = Date.parse(at)
  if (!place || Number.isNaN(atMs)) return undefined
  const reading: Reading = {
    ...place,
    entity,
    result,
    errors: errors ?? [],
    atMs,
    ...(heldBy === undefined ? {} : { heldBy }),
    ...(blob === undefined ? {} : { blob }),
    ...(of === undefined ? {} : { of }),
  }
  return reading
}

/** Which file a Location of the catalog is: `url:https://HOST/OWNER/NAME/blob/BRANCH/PATH`, or `tree` in the place of `blob`. */
function placeOf(location: string, host: string): Pick<Reading, 'repository' | 'tail'> | undefined {
  const parts = /^url:https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\/([^?#]+)/s.exec(location)
  const [, itsHost = '', repository = '', tail = ''] = parts ?? []
  if (itsHost.toLowerCase() !== host.toLowerCase()) return undefined
  return { repository: decoded(repository), tail: decoded(tail) }
}
