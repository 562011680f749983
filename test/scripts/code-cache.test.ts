// A hook's file is the same bytes in every build, so that a reviewer's own build confirms it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { codeCache } from '../../scripts/build/code-cache.ts'
import { buildHook, hookScript } from '../../scripts/build/hook-file.ts'
import { readHookConfig } from '../../scripts/config/hook-config.ts'

const TAKES_IT = `
const [source, behind] = require('node:fs').readFileSync(0, 'latin1').split('\\n//cache:')
const script = new (require('node:vm').Script)(source, { cachedData: Buffer.from(behind.split('\\n')[0], 'base64') })
process.exit(script.cachedDataRejected ? 1 : 0)
`

test('built again and again, a hook is the same bytes, with its code cache', async () => {
  const baked = readHookConfig(undefined)
  assert.ok(baked.result === 'config')
  const script = hookScript('catalog-gate', baked)
  const texts = new Set<string>()
  for (let i = 0; i < 5; i++) {
    const { text, cacheBytes } = await buildHook('catalog-gate', baked, { hookScript: () => script, codeCache })
    assert.ok(cacheBytes > 100_000)
    texts.add(text)
  }
  assert.equal(texts.size, 1)

  // V8 takes a cache only by the flags that it was made by, but for some of them.
  const [text = ''] = texts
  const flags = /"\$node" (.*) -e /.exec(text)?.[1]?.split(' ') ?? []
  assert.ok(flags.length > 1)
  assert.equal(spawnSync(process.execPath, [...flags, '-e', TAKES_IT], { input: text }).status, 0)
  assert.equal(spawnSync(process.execPath, ['--hash-seed=1', '-e', TAKES_IT], { input: text }).status, 1)
})
