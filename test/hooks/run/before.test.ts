// Of what is wrong, what may have been so before: a file in whose old text nothing of it stands is not looked at again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkFile } from '../../../hooks/catalog/file.ts'
import { plainInstallation } from '../../../hooks/config/hook-config.ts'
import { mayHaveBeenWrong } from '../../../hooks/run/before.ts'
import { profile } from '../../../schemas/compiled/builtin.mjs'
import { BAD, component, GOOD } from '../built-hook.ts'

const rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const wrong = (yaml: string) => checkFile('catalog-info.yaml', Buffer.from(yaml), rules)

for (const [what, now, before, may] of [
  ['a name that was right', BAD, GOOD, false],
  ['the same wrong name', BAD, `# old\n${BAD}`, true],
  ['another wrong name', component('not right'), component('not good'), false],
  ['one of two that was so', `${BAD}---\n${component('a b c')}`, component('a b c'), true],
  ['a field that was missing', GOOD.replace('owner:', 'ownr:'), GOOD.replace('owner:', 'ownr:'), true],
  [
    'a field that was missing, and is at another place',
    `# new\n${GOOD.replace('spec:', 'spce:')}`,
    GOOD.replace('spec:', 'spce:'),
    true,
  ],
] as const)
  test(`${what}: ${may}`, () => assert.equal(mayHaveBeenWrong(wrong(now), Buffer.from(before)), may))
