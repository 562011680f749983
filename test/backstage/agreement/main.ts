// Our verdicts against those of a real Backstage, in any of the installations:
//
//   node test/backstage/agreement/main.ts [--installation plain,openapi,…] [--count 400] [--seed N] [--examples 1] [--postgres] [--show NUMBER]
//
// Prints the differences by kind; exit code 1 when there is one. With --show the files of one case. Needs test/backstage installed.
import { parseArgs } from 'node:util'
import { seed as committed } from '../../support/campaign.ts'
import { startPostgres } from '../../support/postgres.ts'
import { agree } from './agree.ts'
import type { Case } from './case.ts'
import { caseOf, casesOf } from './cases.ts'
import { type InstallationName, installationNames } from './installations.ts'
import { describeKinds } from './report.ts'

const { values } = parseArgs({
  options: {
    installation: { type: 'string', default: installationNames.join(',') },
    count: { type: 'string', default: '400' },
    seed: { type: 'string', default: String(committed) },
    examples: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
    show: { type: 'string' },
  },
})
const seed = Number(values.seed)

const isInstallation = (name: string): name is InstallationName => (installationNames as string[]).includes(name)

function show({ operators, path, tree }: Case): void {
  console.log(`registered: ${path} (${operators.join(', ') || 'unbroken'})`)
  for (const [name, bytes] of tree) console.log(`--- ${name}\n${Buffer.from(bytes).toString('utf8').slice(0, 4000)}`)
}

async function run(name: string): Promise<boolean> {
  if (!isInstallation(name)) throw new Error(`no installation ${name}: ${installationNames.join(', ')}`)
  const from = performance.now()
  const { differences, ...counts } = await judged(name)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`\n${name}, seed ${seed}: ${JSON.stringify(counts)}, ${differences.length} differences, ${seconds} s`)
  if (differences.length > 0) console.log(describeKinds(differences, Number(values.examples)))
  return differences.length === 0
}

/** In memory, or as sites have it. */
async function judged(name: InstallationName) {
  const cases = casesOf(seed, Number(values.count))
  if (!values.postgres) return agree(name, cases)
  const postgres = await startPostgres()
  const database = { client: 'pg', connection: await postgres.database(), prefix: 'agreement_' }
  return agree(name, cases, { database }).finally(() => postgres.remove())
}

if (values.show !== undefined) show(caseOf(seed, Number(values.show)))
else for (const name of values.installation.split(',')) if (!(await run(name))) process.exitCode = 1
