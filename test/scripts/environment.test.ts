// environment build, as far as it goes without Debian: wrong usage, mmdebstrap's words, interruptions, and what a killed build has left.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { Interrupted } from '../../scripts/cli/interruption.ts'
import { buildEnvironment } from '../../scripts/environment/build.ts'
import { writeTarball } from '../../scripts/environment/tarball.ts'
import { environmentEdges } from '../support/environment.ts'

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-test-environment-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const temporary = join(folder, 'tmp')
const out = join(folder, 'out/env.tar.gz')
const bin = join(folder, 'bin')
const PATH = `${bin}${delimiter}${process.env['PATH']}`

/** A stand-in for mmdebstrap, first on the PATH. */
function standIn(script: string): void {
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'mmdebstrap'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'mmdebstrap'), 0o755)
}
const left = () => [...readdirSync(temporary), ...readdirSync(join(folder, 'out'))]

beforeEach(() => {
  for (const name of ['tmp', 'out']) {
    rmSync(join(folder, name), { recursive: true, force: true })
    mkdirSync(join(folder, name))
  }
  writeFileSync(out, 'the one of before')
})

async function build(t: { after: (done: () => void) => void }, interrupted?: AbortSignal) {
  const path = process.env['PATH']
  process.env['PATH'] = PATH
  t.after(() => {
    process.env['PATH'] = path
  })
  const said: string[] = []
  const edges = environmentEdges(said, { temporary, ...(interrupted ? { interrupted } : {}) })
  const secret = join(bin, 'relay.secret')
  writeFileSync(secret, `whsec_${'A'.repeat(44)}\n`)
  return { code: await buildEnvironment({ out, secret }, edges), said }
}

const skip = process.getuid?.() !== 0 && 'root only'

describe('environment build', { skip }, () => {
  const words: readonly [string, string, RegExp][] = [
    ['no space', 'E: Write error - write (28: No space left on device)', /no space left.*\nhint: .*TMPDIR/],
    [
      'no such mirror',
      "E: Failed to fetch http://x.invalid/debian/dists/trixie/InRelease  Could not resolve 'x.invalid'",
      /the name of the mirror could not be resolved \("Failed to fetch .*\nhint: .*--mirror/,
    ],
    [
      'no such release',
      "E: The repository 'http://deb.debian.org/debian trixie Release' does not have a Release file.",
      /does not have this release.*\nhint: is --mirror the folder/,
    ],
    ['unknown words', 'E: something new', /^error: mmdebstrap failed \("something new"\)\nhint: /],
  ]
  for (const [name, line, expected] of words)
    test(`mmdebstrap fails, ${name}: in words, with the way out; nothing is left, and the tarball of before stays`, async t => {
      standIn(`echo "I: running apt-get update..." >&2; echo "${line}" >&2; exit 25`)
      const { code, said } = await build(t)
      assert.equal(code, 2)
      assert.match(said.join('\n'), expected)
      assert.deepEqual(left(), ['env.tar.gz'])
    })

  test('an interruption ends mmdebstrap and all that it has started; nothing is left', async t => {
    const started = join(folder, 'started')
    // A child of it that holds on: its end is the end of the group.
    standIn(`echo $$ > ${started}.part; mv ${started}.part ${started}; sleep 600 & wait`)
    const controller = new AbortController()
    const building = build(t, controller.signal)
    while (!existsSync(started)) await new Promise(resolve => setImmediate(resolve))
    assert.equal(left().length, 2)
    controller.abort(new Interrupted('SIGTERM'))
    const { code, said } = await building
    assert.deepEqual([code, said], [130, ['interrupted: nothing of it is left; the same command begins anew']])
    assert.deepEqual(left(), ['env.tar.gz'])
  })

  test('what a killed build has left goes; what a running one is at stays', async t => {
    standIn('exit 1')
    // No process has the greatest number that there may be.
    const [gone, runs] = [2 ** 22, process.ppid]
    for (const pid of [gone, runs]) {
      mkdirSync(join(temporary, `catalog-gate-environment-${pid}-abc/root`), { recursive: true })
      writeFileSync(`${out}.${pid}.part`, 'a piece')
    }
    writeFileSync(`${out}.cdx.json.${gone}.part`, 'a piece')
    await build(t)
    assert.deepEqual(left().sort(), [`catalog-gate-environment-${runs}-abc`, 'env.tar.gz', `env.tar.gz.${runs}.part`])
  })

  test('where it cannot be written is said before anything is done', async () => {
    const said: string[] = []
    assert.equal(await buildEnvironment({ out: join(folder, 'none/env.tar.gz') }, environmentEdges(said)), 2)
    assert.match(said.join('\n'), /^error: --out .*: there is no folder .*none$/)
  })

  test('a secret and an authority that are none are told before anything is done', async () => {
    const said: string[] = []
    assert.equal(await buildEnvironment({ out, secret: out, ca: out }, environmentEdges(said)), 2)
    assert.match(
      said.join('\n'),
      /^error: --secret .*env.* does not begin with "whsec_"; .*\nerror: --ca .*env.*certificate/,
    )
  })
})

test('a tarball that is interrupted says so, and tar is gone', async () => {
  const controller = new AbortController()
  controller.abort(new Interrupted('SIGINT'))
  const options = { mode: 0o600, interrupted: controller.signal }
  await assert.rejects(writeTarball(join(folder, 'out'), join(folder, 'cut.tar.gz'), options), Interrupted)
})
