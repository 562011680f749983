// The survey that the relay's page shows: read from the file when somebody looks, read again when it has changed, and never a reason to fail.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSurveyFile } from '../../../relay/watch/survey-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-survey-file-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const repository = (verdict: string) => ({
  ...{ repository: 'acme/Payments', branch: 'main', verdict, files: [], problems: [], notes: [] },
})
const report = (at: string, ...repositories: unknown[]) => JSON.stringify({ at, repositories, more: 'is ignored' })

test('without a file there is none', async () => {
  assert.deepEqual(await openSurveyFile(undefined)('acme/payments'), { result: 'none' })
})

test('it is followed: absent, cut off, something else, whole, another one', async () => {
  const file = join(folder, 'survey.json')
  const ask = openSurveyFile(file)
  const reasonOf = async () => {
    const answer = await ask('acme/payments')
    return answer.result === 'unreadable' ? answer.reason : answer.result
  }
  assert.equal(await reasonOf(), 'no such file')
  const whole = report('2026-11-28T06:00:00.000Z', repository('refused'))
  writeFileSync(file, whole.slice(0, -20))
  assert.match(await reasonOf(), /no whole JSON/)
  writeFileSync(file, '{"at": "2026-11-28T06:00:00.000Z", "repositories": [{}]}')
  assert.match(await reasonOf(), /is not what/)
  writeFileSync(file, whole)
  const surveyed = { result: 'surveyed', atMs: Date.parse('2026-11-28T06:00:00Z'), repository: repository('refused') }
  assert.deepEqual(await ask('ACME/payments'), surveyed)
  assert.deepEqual(await ask('acme/billing'), { result: 'not in it', atMs: surveyed.atMs })
  writeFileSync(file, report('2026-11-29T06:00:00.000Z', repository('no-catalog-file')))
  const answers = await Promise.all([ask('acme/payments'), ask('acme/payments')])
  assert.deepEqual(
    answers.map(answer => answer.result === 'surveyed' && answer.repository.verdict),
    ['no-catalog-file', 'no-catalog-file'],
  )
})

test('a file that is too large is not read', async () => {
  const file = join(folder, 'large.json')
  writeFileSync(file, ' '.repeat(32 * 1024 * 1024 + 1))
  assert.deepEqual(await openSurveyFile(file)('acme/payments'), {
    result: 'unreadable',
    reason: 'it has more than 32 MiB',
  })
})
