// Every fix that is offered makes it better, by our check and by the catalog, and changes nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rounds, seed } from '../support/campaign.ts'
import { PROFILES } from './compare.ts'
import { mendedOf } from './fixes.ts'
import { mutant } from './mutants.ts'

const FILES = rounds(60, 3000)

test('of near-valid files: fewer errors, nothing new, and no other value changed', async t => {
  const counts = { refused: 0, mended: 0 }
  const byCode = new Map<string, { errors: number; fixed: number }>()
  const faults: string[] = []
  for (let index = 0; index < FILES; index++) {
    const { bytes } = mutant(seed, index)
    const profile = PROFILES[index % 2] ?? 'builtin'
    const mended = await mendedOf(bytes, profile)
    if (mended.isRefused) counts.refused++
    if (mended.isMended) counts.mended++
    for (const { code, isFixed } of mended.codes) {
      const row = byCode.get(code) ?? { errors: 0, fixed: 0 }
      row.errors++
      if (isFixed) row.fixed++
      byCode.set(code, row)
    }
    faults.push(...mended.faults.map(fault => `seed ${seed}, index ${index}, ${profile}: ${fault}\nof\n${bytes}`))
  }
  t.diagnostic(`${counts.refused} refused files, ${counts.mended} of them accepted after --fix`)
  for (const [code, { errors, fixed }] of [...byCode].sort((a, b) => b[1].errors - a[1].errors))
    t.diagnostic(`${code}: ${fixed} of ${errors}`)
  assert.equal(faults.length, 0, `\n${faults.slice(0, 5).join('\n\n')}`)
  assert.ok(counts.mended > counts.refused / 20, 'nearly nothing is mended: the fixes are gone')
})
