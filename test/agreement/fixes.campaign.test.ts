// Every fix that is offered makes it better, by our check and by the catalog, and changes nothing else.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { page, sectionsOf } from '../../scripts/maintain/checks-page.ts'
import { isWhole, rounds, seed } from '../support/campaign.ts'
import { PROFILES } from './compare.ts'
import { mendedOf } from './fixes.ts'
import { inputOf } from './fuzz-one.ts'
import { mutant } from './mutants.ts'

const FILES = rounds(24, 2000)

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
  // A share says something of many files only.
  assert.ok(!isWhole || counts.mended > counts.refused / 20, 'nearly nothing is mended: the fixes are gone')
})

test('of the golden cases and the examples of CHECKS.md likewise', async t => {
  const cases = join(import.meta.dirname, '../cases')
  const goldens = globSync('*.yaml', { cwd: cases }).map(name => ({ name, text: readFileSync(join(cases, name)) }))
  const examples = sectionsOf(readFileSync(page, 'utf8')).flatMap(({ code, examples }) =>
    examples.map(({ yaml }) => ({ name: code, text: Buffer.from(yaml) })),
  )
  const all = [...goldens, ...examples].filter((_, i) => i % rounds(4, 1) === 0)
  const faults: string[] = []
  let refused = 0
  let mended = 0
  for (const { name, text } of all) {
    const found = await mendedOf(text, 'builtin')
    if (found.isRefused) refused++
    if (found.isMended) mended++
    faults.push(...found.faults.map(fault => `${name}: ${fault}`))
  }
  t.diagnostic(`${mended} of ${refused} refused ones are accepted after --fix`)
  assert.deepEqual(faults, [])
  assert.ok(mended >= refused / 5, `${mended} of ${refused}`)
})

test('of input that is nearly nothing likewise, and it comes to an end', async () => {
  const faults: string[] = []
  for (let index = 0; index < rounds(40, 5000); index++) {
    const { bytes, kind } = inputOf(seed, index)
    if (kind === 'mutant') continue
    faults.push(...(await mendedOf(bytes, 'builtin')).faults.map(fault => `index ${index}: ${fault}\nof\n${bytes}`))
  }
  assert.deepEqual(faults, [])
})
