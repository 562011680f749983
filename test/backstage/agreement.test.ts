// Our verdicts are those of a real Backstage, in each installation, on files in their trees.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seed } from '../support/campaign.ts'
import { agree } from './agreement/agree.ts'
import { casesOf } from './agreement/cases.ts'
import { installationNames } from './agreement/installations.ts'
import { isPending } from './agreement/pending.ts'
import { describeKinds } from './agreement/report.ts'

const CASES = 400

for (const [i, name] of installationNames.entries()) {
  test(`agreement in the installation "${name}"`, { timeout: 300_000 }, async t => {
    // Other cases in each: what one installation lets pass is tried in all of them over the days.
    const cases = casesOf(seed + i, CASES)
    const { differences, ...counts } = await agree(name, cases)
    const pending = differences.filter(({ kind }) => isPending(kind))
    t.diagnostic(`seed ${seed + i}: ${JSON.stringify(counts)}, ${pending.length} differences that are known`)
    const unexpected = differences.filter(difference => !pending.includes(difference))
    assert.equal(
      unexpected.length,
      0,
      `${describeKinds(unexpected, 2)}\nsee one: npm run agreement:backstage -- --seed ${seed + i} --show NUMBER`,
    )
    // A generator gone wrong agrees with everything.
    assert.ok(counts.documents >= CASES, JSON.stringify(counts))
    assert.ok(Math.min(counts.accepted, counts.rejected) > counts.documents / 8, JSON.stringify(counts))
  })
}
