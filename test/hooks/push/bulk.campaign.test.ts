// Pushes of very much: a bad catalog file on main is found whatever else the push holds, what was not looked at is named, and memory is bounded.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { isWhole, rounds } from '../../support/campaign.ts'
import { runGit } from '../../support/git.ts'
import type { WorkingCopy } from '../../support/working-copy.ts'
import { BAD, buildInto, component, GOOD, locationOf } from '../built-hook.ts'
import { git, oddGit } from '../odd-git.ts'
import { assertQuiet, assertRefused, assertSays, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()

const MEMORY_KB = 200_000
/** Of 300 kB each: to keep them all takes as much. */
const LARGE = rounds(600, 1500)

let made: Promise<{ node: string; measured: string }> | undefined
/** A patient hook, for a verdict must not hang on how busy the machine is; and a Node that writes down how much memory it has taken. */
function bounded() {
  made ??= (async () => {
    const { directory } = fixture.host
    const measured = join(directory, 'measured')
    const measure = join(directory, 'measure.cjs')
    const node = join(directory, 'measured-node')
    await writeFile(
      measure,
      `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(measured)}, String(process.resourceUsage().maxRSS)))`,
    )
    await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' -r '${measure}' "$@"\n`, { mode: 0o755 })
    return { node, measured }
  })()
  return made
}

async function seeded(files: Record<string, string>, timeMs?: number) {
  const { node, measured } = await bounded()
  const { host } = fixture
  const hook =
    timeMs === undefined ? fixture.hook : await buildInto(host.directory, 'timed', {}, 'catalog-gate', { timeMs })
  await writeFile(measured, '')
  const made = await fixture.seeded(files, { hook, hookEnvironment: { CATALOG_GATE_NODE: node } })
  return { ...made, usedKb: async () => Number(await readFile(measured, 'utf8')) }
}

/** Commits on top of main, without a file on the disk. */
async function importCommits(
  copy: WorkingCopy,
  commits: readonly { ref: string; files: Iterable<[string, string]> }[],
) {
  const parts = commits.flatMap(({ ref, files }) => [
    `commit ${ref}\ncommitter M <m@example.com> 1790000000 +0000\ndata 0\nfrom refs/heads/main^0\n`,
    ...[...files].map(([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`),
  ])
  const imported = await runGit(copy.directory, ['fast-import', '--quiet', '--force'], { input: parts.join('') })
  assert.equal(imported.exitCode, 0, imported.stderr)
}

const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i))
const FILLING = `# ${'x'.repeat(98)}\n`.repeat(3000)

const bulks: [string, () => [string, string][]][] = [
  [`${LARGE} other YAML files of 300 kB`, () => many(LARGE, i => [`a/${i}.yaml`, `k${i}: 1\n${FILLING}`])],
  [`${LARGE} of them that read like entities`, () => many(LARGE, i => [`a/${i}.yaml`, `# ${i}\n${GOOD}${FILLING}`])],
  ['300 good catalog files of 300 kB', () => many(300, i => [`a/${i}/catalog-info.yaml`, component(`a${i}`, FILLING)])],
  ['5,000 good catalog files', () => many(5000, i => [`a/${i}/catalog-info.yaml`, component(`a${i}`)])],
  ['100,000 other YAML files', () => many(100_000, i => [`a/${i % 300}/${i}.yaml`, 'a: 1\n'])],
  ['150,000 files of source code', () => many(150_000, i => [`a/${i % 300}/${i}.java`, `${i % 50}\n`])],
  ['a file of 50 MB', () => [['a/catalog-info.yaml', 'a'.repeat(50_000_000)]]],
  [
    'files that yaml takes seconds for',
    () => many(10, i => [`a/${i}/catalog-info.yaml`, `${'- ? - '.repeat(120)}${i}`]),
  ],
  ['a file of 1 MB of brackets', () => [['a/catalog-info.yaml', '['.repeat(1_000_000)]]],
  [
    'catalog files of 8,000 entities',
    () => many(100, i => [`a/${i}/catalog-info.yaml`, many(80, k => component(`a${i}-${k}`)).join('---\n')]),
  ],
]
/** Files that hold one thing over and over. What yaml makes of them, and what we count in them, is many times as large. */
const MONOTONOUS: [string, string, string?][] = [
  ['line feeds', '\n'],
  ['carriage returns', '\r'],
  ['blanks', ' '],
  ['tabs', '\t'],
  ['dashes', '-'],
  ['keys without values', 'a:\n'],
  ['colons', ': '],
  ['quotes', "''"],
  ['quotes in a text', "''", "a: '"],
  ['escapes', '\\n', 'a: "'],
  ['comment signs', '#\n'],
  ['brackets in brackets', '[\n'],
  ['lists in a list', '[],', 'a: ['],
  ['documents', '---\n'],
  ['lines of a text', '  x\n', 'a: |\n'],
  ['empty lines in quotes', '\n', 'a: "'],
  ['lines of a plain text', '  y\n', 'a: x\n'],
]
for (const [what, part, start = ''] of MONOTONOUS)
  bulks.push([
    `five files of 1 MB of ${what}`,
    () =>
      many(5, i => [
        `a/${i}/catalog-info.yaml`,
        `# ${i}\n${start}${part.repeat(Math.floor((2 ** 20 - 100) / part.length))}`,
      ]),
  ])

for (const [what, files] of isWhole ? bulks : bulks.slice(0, 1))
  test(`${what}, and a bad catalog file behind them: refused, within bounds`, async () => {
    const { copy, usedKb } = await seeded({ 'README.md': 'x' })
    await importCommits(copy, [{ ref: 'refs/heads/main', files: [...files(), ['z/catalog-info.yaml', BAD]] }])
    assertRefused(await copy.push({ refs: ['main'] }), 'z/catalog-info.yaml:4:9')
    assert.ok((await usedKb()) < MEMORY_KB, `${await usedKb()} kB`)
  })

test('a bad file that only a Location names, among many others', async () => {
  const { copy, usedKb } = await seeded({ 'catalog-info.yaml': locationOf('./teams/payments.yaml') })
  const files: [string, string][] = many(isWhole ? 1500 : 300, i => [`teams/${i}.yaml`, `# ${i}\n${GOOD}${FILLING}`])
  await importCommits(copy, [{ ref: 'refs/heads/main', files: [...files, ['teams/payments.yaml', BAD]] }])
  assertRefused(await copy.push({ refs: ['main'] }), 'teams/payments.yaml:4:9')
  assert.ok((await usedKb()) < MEMORY_KB, `${await usedKb()} kB`)
})

/** Gits that go through such a tree never come to its end: one is ended by the prelude's bound, the other is waited for as long as there is time. Here neither works meanwhile. */
const NEVER_THROUGH = `case " $* " in
  *' diff-tree -r '*) kill -XCPU $$ ;;
  *' --stdin --always '*) exec sleep 600 ;;
esac
exec '${git}' "$@"`

for (const name of isWhole ? ['f.yaml', 'f.txt'] : ['f.yaml'])
  test(`a tree that repeats itself, with ten thousand million files called ${name}: what stands at the top is judged, and the rest is named`, async () => {
    const { copy } = await seeded({ 'README.md': 'x' }, 10_000)
    const tired = isWhole ? '' : `${oddGit(join(fixture.host.directory, 'tired'), NEVER_THROUGH)}:`
    const mktree = async (lines: string[]) => {
      const run = await runGit(copy.directory, ['mktree'], { input: lines.map(line => `${line}\n`).join('') })
      return run.stdout.toString('utf8').trim()
    }
    await copy.write('bad.yaml', BAD)
    const bad = await copy.git('hash-object', '-w', 'bad.yaml')
    let tree = await mktree(many(100, i => `100644 blob ${bad}\t${i}${name}`))
    for (let depth = 0; depth < 8; depth++) tree = await mktree(many(10, i => `040000 tree ${tree}\td${i}`))
    const service = await mktree([`100644 blob ${bad}\tcatalog-info.yaml`])
    const top = await mktree([`040000 tree ${tree}\ta`, `040000 tree ${service}\tz`])
    const commit = await copy.git('commit-tree', '-p', 'HEAD', '-m', 'x', top)
    const push = await copy.push({ refs: [`${commit}:main`], env: { PATH: `${tired}${process.env['PATH']}` } })
    assertRefused(
      push,
      'z/catalog-info.yaml:4:9',
      /^warning: refs\/heads\/main changes more than git can tell in time/m,
    )
  })

test('1,000 new branches beside a bad main: main is refused, 200 branches are checked, and the others are named', async () => {
  const { copy } = await seeded({ 'README.md': 'x' })
  await importCommits(copy, [
    ...many(1000, i => ({
      ref: `refs/heads/n${i}`,
      files: [[`n${i}/catalog-info.yaml`, component(`n ${i}`)] as [string, string]],
    })),
    { ref: 'refs/heads/main', files: [['catalog-info.yaml', BAD]] },
  ])
  const push = await copy.push({ refs: ['refs/heads/*:refs/heads/*'] })
  assertRefused(push, 'catalog-info.yaml:4:9')
  const alone = await copy.push({ refs: ['refs/heads/n*:refs/heads/n*'] })
  assertSays(alone, /^warning: this push was accepted with 200 problems in 200 files$/m)
  assert.match(
    alone.remote,
    /^warning: refs\/heads\/n\d+, refs\/heads\/n\d+, refs\/heads\/n\d+ and 797 more new branches were not checked: /m,
  )
})

test('60 refs, more than sh reads: branches that were moved and made, and main among them', async () => {
  const { copy } = await seeded({ 'catalog-info.yaml': GOOD, 'old/catalog-info.yaml': BAD })
  const refs = many(60, i => `HEAD:refs/heads/b${i}`)
  assertQuiet(await copy.push({ refs }))
  await copy.write('README.md', 'x')
  await copy.commit()
  const more = many(60, i => `HEAD:refs/heads/a${i}`)
  assertQuiet(await copy.push({ refs: [...more, ...refs, 'HEAD:main'] }))
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const bad = await copy.push({ refs: [...refs, 'HEAD:main', ...many(60, i => `HEAD:refs/heads/c${i}`)] })
  assertRefused(bad, '1 problem in catalog-info.yaml')
})
