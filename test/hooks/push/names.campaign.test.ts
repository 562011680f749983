// Names as git allows them, of refs and of paths: whatever they are, a ref's verdict is that of the same commit under a plain name.
import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Random, randomFrom } from '../../agreement/random.ts'
import { rounds, seed } from '../../support/campaign.ts'
import { runGit } from '../../support/git.ts'
import type { BareRepository } from '../../support/repository.ts'
import type { WorkingCopy } from '../../support/working-copy.ts'
import { BAD, component, GOOD } from '../built-hook.ts'
import { usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()
const ROUNDS = rounds(6, 150)
const REFS = 3

/** What ends a line for somebody. */
const ENDS = ['\u0085', '\u2028', '\u2029'].map(end => Buffer.from(end))
/** Bytes that are no character, or half of one. */
const ODD = [0x80, 0x8a, 0x9b, 0xa0, 0xc0, 0xc2, 0xe2, 0xed, 0xf0, 0xfe, 0xff].map(byte => Buffer.of(byte))
/** Letters, and what git's quoting, sh and JavaScript have a meaning for. */
const PIECES = [
  ...'abZ7-_=;`\'"#&|<(!,@:*%{} \t\n\r\\éё日',
  ...['$x', '%s', '\u00a0', '\u200b', '\ufeff', '\ufffd', '\u202e', '\u{1f480}', '\u{1f600}', '\u{e0001}'],
].map(piece => Buffer.from(piece))

function name(r: Random, isAllowed: (part: string) => boolean): Buffer {
  for (;;) {
    const pieces = Array.from({ length: 1 + r.int(5) }, () => r.pick(r.pick([ENDS, ODD, PIECES, PIECES])))
    const whole = Buffer.concat(pieces)
    if (isAllowed(whole.toString('latin1'))) return whole
  }
}

/** git check-ref-format, for one part of a name. */
const isRefPart = (part: string) => !/[\0-\x20\x7f~^:?*[\\]|^\.|^-|\.\.|@\{|\.lock$|\.$|^@$/.test(part)
const isFolder = (part: string) => !/[/\0]|^\.{1,2}$|^\.git/i.test(part)

/** In C's quotes, as `git fast-import` reads a path. */
const quoted = (path: Buffer) => `"${[...path].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`

type Pushed = { ref: Buffer; id: string }

/** Commits on top of main, each with one file more: at most one of them is bad. */
async function commits(
  r: Random,
  copy: WorkingCopy,
  round: number,
): Promise<{ pushed: Pushed[]; isFirstBad: boolean }> {
  const bad = r.int(REFS + 1)
  const refs = Array.from({ length: REFS }, (_, i) =>
    Buffer.concat([name(r, isRefPart), Buffer.from(`/${round}-${i}`)]),
  )
  const stream = refs.map((_, i) => {
    const path = Buffer.concat([
      name(r, isFolder),
      Buffer.from('/'),
      name(r, isFolder),
      Buffer.from('/catalog-info.yaml'),
    ])
    const text = i === bad ? BAD : r.int(2) === 0 ? GOOD : component(`n${i}`)
    return `commit refs/made/${round}/${i}\ncommitter M <m@example.com> 1790000000 +0000\ndata 0\nfrom refs/heads/main\nM 100644 inline ${quoted(path)}\ndata ${Buffer.byteLength(text)}\n${text}\n`
  })
  const imported = await runGit(copy.directory, ['fast-import', '--quiet', '--force'], { input: stream.join('') })
  assert.equal(imported.exitCode, 0, imported.stderr)
  const ids = (await copy.git('for-each-ref', '--format=%(objectname)', `refs/made/${round}`)).split('\n')
  return { pushed: refs.map((ref, i) => ({ ref, id: ids[i] ?? '' })), isFirstBad: bad === 0 }
}

/** Names need not be UTF-8, so they stand in files, where git reads them. The first ref is the default branch. */
async function push(repository: BareRepository, copy: WorkingCopy, round: string, pushed: readonly Pushed[]) {
  const [first] = pushed
  const line = (id: string, parts: (string | Buffer)[]) =>
    Buffer.concat([id, ' ', ...parts, '\n'].map(part => Buffer.from(part)))
  const main = (await repository.ref('refs/heads/main')) ?? ''
  const namespace = `refs/${round}/`
  await writeFile(join(repository.directory, 'HEAD'), line('ref:', ['refs/heads/', first?.ref ?? '']))
  // The default branch is there before, so that nothing is new as a whole.
  await writeFile(join(repository.directory, 'packed-refs'), line(main, ['refs/heads/', first?.ref ?? '']))
  await writeFile(
    join(copy.directory, '.git/packed-refs'),
    Buffer.concat(pushed.map(({ id, ref }) => line(id, [namespace, ref]))),
  )
  return copy.push({ refs: [`+${namespace}*:refs/heads/*`] })
}

test(`names of refs and paths, seed ${seed}`, async () => {
  const { repository, copy } = await fixture.seeded({ 'README.md': 'x' })
  await appendFile(join(copy.directory, '.git/config'), '[gc]\n\tauto = 0\n')
  const r = randomFrom(seed)
  for (let round = 0; round < ROUNDS; round++) {
    const { pushed, isFirstBad } = await commits(r, copy, round)
    const odd = await push(repository, copy, `odd-${round}`, pushed)
    const plain = pushed.map(({ id }, i) => ({ id, ref: Buffer.from(`plain-${round}/${i}`) }))
    const control = await push(repository, copy, `plain-${round}`, plain)
    const about = JSON.stringify({ round, refs: pushed.map(({ ref }) => ref.toString('latin1')) })
    assert.equal(odd.exitCode, isFirstBad ? 1 : 0, `${about}\n${odd.terminal}`)
    assert.equal(control.exitCode, odd.exitCode, about)
    // Which branch it is on differs by its name.
    const lines = (text: string) =>
      text
        .replace(/(: (?:error|warning): )on .*: (?=name )/g, '$1')
        .split('\n')
        .sort()
    assert.deepEqual(lines(odd.remote), lines(control.remote), about)
  }
})
