// Holds the README to the truth: the refusal that it shows is the one that the built hook prints today.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from './support/process.ts'
import { createRepositoryHost } from './support/repository.ts'

const root = join(import.meta.dirname, '..')

/** The first block of the README that begins with a push. */
function shownPush(): string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, block] = /^```\n(\$ git push[^\n]*\n.*?)^```$/ms.exec(readme) ?? []
  assert.ok(block, 'README.md has no block that begins with "$ git push"')
  return block.split('\n')
}

test('the refusal in README.md is what the pusher of that file sees', async t => {
  const host = await createRepositoryHost()
  t.after(() => host.remove())
  const config = join(host.directory, 'hook.yaml')
  await writeFile(config, 'help: { url: "https://wiki.example/checks" }\n')
  const build = startProcess(process.execPath, ['build.mjs', '--config', config, '--out', host.directory], {
    cwd: root,
  })
  await build.gone
  assert.equal(build.ended(), 'ended with exit code 0', build.output())
  const bare = await host.create('acme/payments', { hooks: [join(host.directory, 'hooks/catalog-gate')] })
  const copy = await bare.clone()
  const { exitCode, remote } = await copy.change({
    'catalog-info.yaml': `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments api
spec: { type: service, lifecycle: production, owner: team-a }
`,
  })
  assert.equal(exitCode, 1)
  const shown = shownPush().filter(line => line.startsWith('remote: '))
  assert.deepEqual(
    shown.map(line => line.slice('remote: '.length)),
    remote.split('\n'),
  )
})
