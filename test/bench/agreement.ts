// Differences between our verdicts and Backstage's own code, on generated documents, in both profiles. (Other seeds than the tests'.)
import { run } from '../agreement/run.ts'
import type { Row } from './row.ts'

const SEEDS = [20_261, 20_262, 20_263]
/** Some 2.6 documents each. */
const FILES = 2700
const LEAST = 20_000

export async function benchAgreement(): Promise<Row[]> {
  const { documents, differences } = await run(SEEDS, FILES)
  return [
    {
      what: 'differences to Backstage, both profiles',
      figure: String(differences.length),
      target: `0 of >= ${LEAST.toLocaleString('en')}`,
      isMet: differences.length === 0 && documents >= LEAST,
      note: `${documents.toLocaleString('en')} documents, seeds ${SEEDS.join(', ')}`,
    },
  ]
}
