// A hook's file is the same bytes in every build, so that a reviewer's own build confirms it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeCache } from '../../scripts/build/code-cache.ts'
import { buildHook, hookScript } from '../../scripts/build/hook-file.ts'
import { readHookConfig } from '../../scripts/config/hook-config.ts'

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
})
