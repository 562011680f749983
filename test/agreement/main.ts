// npm run agreement: our verdicts against the catalog's, on other seeds than the test's, or on real files.
//
//   npm run agreement -- --seed 7 --count 20000     files made from this seed; several seeds: --seed 7,8,9
//   npm run agreement -- --corpus FOLDER            every .yaml and .yml file in a folder
//   npm run agreement -- --show 7:1234              the file of a seed and index, as it is
//   npm run agreement -- --update                   writes the summary of Backstage's kinds anew: `git diff` then shows what a newer version changed
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compare, PROFILES } from './compare.ts'
import { updateSummary } from './kinds.ts'
import { mutant } from './mutants.ts'
import { describeDifference, run } from './run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string' },
    corpus: { type: 'string' },
    show: { type: 'string' },
    update: { type: 'boolean' },
  },
})

async function overSeeds(seeds: number[], count: number): Promise<number> {
  const from = performance.now()
  const { differences, ...counts } = await run(seeds, count)
  for (const difference of differences) console.log(`${describeDifference(difference)}\n`)
  console.log({
    seeds,
    ...counts,
    differences: differences.length,
    seconds: Math.round((performance.now() - from) / 1000),
  })
  return differences.length
}

/** Its files are said to come from the same unknown repository, so that a placeholder with a URL of their own host differs for that alone. */
async function overCorpus(folder: string): Promise<number> {
  const counts = { files: 0, documents: 0, templated: 0, unread: 0, accepted: 0, rejected: 0, differences: 0 }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.ya?ml$/.test(name)) continue
    counts.files++
    const bytes = readFileSync(join(folder, name))
    for (const profile of PROFILES) {
      const { differences, ...found } = await compare(bytes, profile)
      for (const key of ['documents', 'templated', 'unread', 'accepted', 'rejected'] as const) counts[key] += found[key]
      for (const { document, catalog, ours } of differences) {
        counts.differences++
        console.log(`${name}, document ${document}, profile ${profile}\n  catalog: ${catalog}\n  ours:    ${ours}`)
      }
    }
  }
  console.log(counts)
  return counts.differences
}

async function main(): Promise<number> {
  if (values.update) {
    updateSummary()
    return 0
  }
  if (values.corpus !== undefined) return overCorpus(values.corpus)
  if (values.show !== undefined) {
    const [seed = 0, index = 0] = values.show.split(':').map(Number)
    process.stdout.write(mutant(seed, index).bytes)
    return 0
  }
  return overSeeds((values.seed ?? '1').split(',').map(Number), Number(values.count ?? 10_000))
}

process.exitCode = (await main()) === 0 ? 0 : 1
