// Files that are made to keep a validator busy: how long a push of each takes until there is an answer.
import { join } from 'node:path'
import type { BenchFixture } from './bench-fixture.ts'
import { type Case, interleave, median } from './measure.ts'
import { createRepository, preparePush, pushCase } from './push.ts'
import type { Row } from './row.ts'

const MEBIBYTE = 1_048_576
const ROUNDS = 3
const HEAD = 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n'

const filled = (unit: string) => unit.repeat(Math.floor(MEBIBYTE / unit.length))
const bomb = `a0: &a0 [x]\n${Array.from({ length: 90 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`

const hostile: Record<string, string> = {
  'keys that are lists that are keys': '- ? - '.repeat(120),
  '1 MiB of "["': filled('['),
  '1 MiB of documents': filled('a: 1\n---\n'),
  '1 MiB of doubled keys': filled('a: 1\n'),
  '1 MiB of tags': `${HEAD}  tags:\n${'    - A b\n'.repeat(100_000)}`,
  'one key of 1 MiB': `${'k'.repeat(MEBIBYTE - 10)}: 1\n`,
  '1,400 deep': Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
  'an alias bomb': bomb,
}

export async function benchHostile(fixture: BenchFixture): Promise<Row[]> {
  const repository = await createRepository(join(fixture.directory, 'hostile.git'), 10)
  const hook = await fixture.hook('hostile')
  const pushes: [string, Awaited<ReturnType<typeof preparePush>>][] = []
  for (const [what, text] of Object.entries(hostile))
    pushes.push([what, await preparePush(repository, { 'catalog-info.yaml': text }, 'update')])
  const samples = interleave(
    (): Case[] =>
      pushes.map(([what, push]) => ({ ...pushCase(what, hook, push), exitCode: [0, 1], output: /^(error|warning): / })),
    ROUNDS,
  )
  const medians = [...samples].map(([what, ms]) => ({ what, ms: median(ms) })).sort((a, b) => b.ms - a.ms)
  const [worst] = medians
  if (worst === undefined) throw new Error('nothing was measured')
  return [
    {
      what: 'a hostile file, the worst of them',
      medianMs: worst.ms,
      figure: `${(worst.ms / 1000).toFixed(2)} s`,
      target: '<= 2.5 s',
      isMet: worst.ms <= 2500,
      note: `${worst.what}; ${medians.length} files of up to 1 MiB, ${ROUNDS} rounds`,
    },
  ]
}
