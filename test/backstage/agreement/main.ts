// Our verdicts against those of a real Backstage, in any of the installations:
//
//   node test/backstage/agreement/main.ts [--installation plain,openapi,…] [--count 400] [--seed N] [--show INDEX] [--examples 2]
//
// Prints the differences by kind. With --show the files of one case. Needs test/backstage installed (npm run test:backstage does it).
import { parseArgs } from 'node:util'
import { agree, type Told, type Totals } from './agree.ts'
import type { Case } from './case.ts'
import { type InstallationName, installationNames } from './installations.ts'
import { standAlone } from './stand-alone.ts'
import { withTree } from './with-trees.ts'

const { values } = parseArgs({
  options: {
    installation: { type: 'string', default: installationNames.join(',') },
    count: { type: 'string', default: '400' },
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10).replaceAll('-', '') },
    show: { type: 'string' },
    examples: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
/** Three in four are about their trees. */
const made = (index: number): Case => (index % 4 === 0 ? standAlone(seed, index) : withTree(seed, index))

const isInstallation = (name: string): name is InstallationName => (installationNames as string[]).includes(name)

function show({ operators, path, tree }: Case): void {
  console.log(`registered: ${path} (${operators.join(', ') || 'unbroken'})`)
  for (const [name, bytes] of tree) console.log(`--- ${name}\n${Buffer.from(bytes).toString('utf8').slice(0, 4000)}`)
}

function report(name: InstallationName, { differences, ...counts }: Totals, seconds: number): void {
  console.log(
    `\n${name}, seed ${seed}: ${JSON.stringify(counts)}, ${differences.length} differences, ${seconds.toFixed(1)} s`,
  )
  const kinds = Map.groupBy(differences, ({ kind }) => kind)
  for (const [kind, all] of [...kinds].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`${String(all.length).padStart(5)}  ${kind}`)
    for (const one of all.slice(0, Number(values.examples))) console.log(example(one))
  }
}

const example = ({ case: { name, operators }, path, document, theirs, ours }: Told) =>
  `       ${name} ${path} document ${document} (${operators.join(', ')})\n         catalog: ${theirs.slice(0, 300)}\n         ours:    ${ours.slice(0, 300)}`

if (values.show !== undefined) show(made(Number(values.show)))
else {
  let differences = 0
  for (const name of values.installation.split(',')) {
    if (!isInstallation(name)) throw new Error(`no installation ${name}: ${installationNames.join(', ')}`)
    const from = performance.now()
    const cases = Array.from({ length: Number(values.count) }, (_, index) => made(index))
    const totals = await agree(name, cases)
    report(name, totals, (performance.now() - from) / 1000)
    differences += totals.differences.length
  }
  process.exitCode = differences === 0 ? 0 : 1
}
