// Golden cases: test/cases/NAME.yaml is pushed as catalog-info.yaml, test/cases/NAME.txt is what the pusher sees, to the letter.
//
// A missing .txt fails. After a change of words: node --test --test-update-snapshots test/hooks/golden.test.ts, and read the difference.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { createRepositoryHost, type RepositoryHost, type WorkingCopy } from '../support/repository.ts'
import { buildInto } from './built-hook.ts'

const cases = join(import.meta.dirname, '../cases')
const names = globSync('*.yaml', { cwd: cases })
  .map(file => basename(file, '.yaml'))
  .sort()

let host: RepositoryHost
let copy: WorkingCopy
let start: string

before(async () => {
  host = await createRepositoryHost()
  const repository = await host.create('acme/payments', { hooks: [await buildInto(host.directory, 'catalog-gate')] })
  copy = await repository.clone()
  await copy.change({ 'README.md': 'x' })
  start = await copy.git('rev-parse', 'HEAD')
})
after(() => host.remove())

for (const name of names) {
  test(name, async t => {
    const yaml = readFileSync(join(cases, `${name}.yaml`))
    await copy.git('reset', '--quiet', '--hard', start)
    await copy.write('catalog-info.yaml', yaml)
    await copy.commit()
    const push = await copy.push({ force: true })
    // Not when it was refused: git 2.39 can die of SIGPIPE when there is nothing to push but options.
    if (push.exitCode === 0)
      await copy.push({ refs: [`${start}:main`], force: true, pushOptions: ['catalog-gate.skip=next case'] })
    assert.equal(push.exitCode === 0, !push.remote.startsWith('error: '), push.terminal)
    if (/^[\n -~]*$/.test(yaml.toString('latin1'))) assert.match(push.remote, /^[\n -~]*$/, 'our own words are ASCII')
    t.assert.fileSnapshot(push.remote === '' ? '' : `${push.remote}\n`, join(cases, `${name}.txt`), {
      serializers: [String],
    })
  })
}
