// npm run backstage-facts: what changed in Backstage's rules since the facts in schemas/ were written, one fact a line.
//
//   npm run backstage-facts                     what is new (+) and gone (-) in the installed packages; exit code 1 when anything is
//   npm run backstage-facts -- --write          writes the files anew
//   npm run backstage-facts -- --from FOLDER    of another installation, which has its packages in FOLDER/node_modules
//
// Schemas come from the packages that we are built with. What processors do comes from the backend in test/backstage, when it is installed.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { changesIn, type FactsFile, readFacts, writeFacts } from './facts-files.ts'
import { processorFacts } from './processor-facts.ts'
import { schemaFacts } from './schema-facts.ts'

const backend = join(import.meta.dirname, '../../test/backstage')

async function gather(from: string | undefined): Promise<Partial<Record<FactsFile, string[]>>> {
  const folder = from === undefined ? backend : resolve(from)
  const hasCatalog = existsSync(join(folder, 'node_modules/@backstage/plugin-catalog-backend'))
  if (!hasCatalog) console.log(`no catalog is installed in ${folder}: what its processors do is not looked at`)
  return {
    schemas: from === undefined ? schemaFacts() : schemaFacts(createRequire(join(folder, 'package.json'))),
    ...(hasCatalog ? { processors: await processorFacts(folder) } : {}),
  }
}

const { values } = parseArgs({ options: { write: { type: 'boolean' }, from: { type: 'string' } } })
const facts = await gather(values.from)
let changed = 0
for (const file of ['schemas', 'processors'] as const) {
  const found = facts[file]
  if (found === undefined) continue
  const changes = changesIn(readFacts(file), found)
  for (const line of changes) console.log(line)
  if (changes.length === 0) console.log(`${file}: nothing changed: ${found.length} facts`)
  if (values.write) writeFacts(file, found)
  changed += changes.length
}
process.exitCode = changed > 0 ? 1 : 0
