// Our verdicts are those of a real Backstage, in each installation, on files in their trees.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seed } from '../support/campaign.ts'
import { agree } from './agreement/agree.ts'
import { casesOf } from './agreement/cases.ts'
import { installationNames } from './agreement/installations.ts'
import { describeKinds } from './agreement/report.ts'

const CASES = 400

for (const [i, name] of installationNames.entries()) {
  test(`agreement in the installation "${name}"`, { timeout: 300_000 }, async t => {
    // Other cases in each: what one installation lets pass is tried in all of them over the days.
    const cases = casesOf(seed + i, CASES)
    const { differences, ...counts } = await agree(name, cases)
    t.diagnostic(`seed ${seed + i}: ${JSON.stringify(counts)}`)
    assert.equal(
      differences.length,
      0,
      `${describeKinds(differences, 2)}\nsee one: npm run agreement:backstage -- --seed ${seed + i} --show NUMBER`,
    )
    // A generator gone wrong agrees with everything.
    assert.ok(counts.documents >= CASES, JSON.stringify(counts))
    assert.ok(counts.unread < counts.documents / 20, JSON.stringify(counts))
    assert.ok(Math.min(counts.accepted, counts.rejected) > counts.documents / 8, JSON.stringify(counts))
  })
}
