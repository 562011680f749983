// Large inputs: one catalog file in a repository of 100,000 files, and 1,000 catalog files in one push.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchFixture } from './bench-fixture.ts'
import { type Case, interleave, ratioRow, runOnce } from './measure.ts'
import { BARE_NODE, bareNode, catalogFile, createRepository, type Push, preparePush, pushCase } from './push.ts'
import type { Row } from './row.ts'

const FILES = 100_000
const CATALOG_FILES = 1000

export async function benchHookLarge(fixture: BenchFixture): Promise<Row[]> {
  const small = await createRepository(join(fixture.directory, 'hundred.git'), 100)
  const large = await createRepository(join(fixture.directory, 'large.git'), FILES)
  const one = { 'catalog-info.yaml': catalogFile('payments', 'Payments 2') }
  // without TechDocs: the folder that it names would need its mkdocs.yml, a thousand files more
  const plain = (name: string) => catalogFile(name).replace(/ *backstage.io\/techdocs-ref.*\n/, '')
  const many = Object.fromEntries(
    Array.from({ length: CATALOG_FILES }, (_, i) => [`services/s${i}/catalog-info.yaml`, plain(`s${i}`)]),
  )
  const code = { 'src/package0/file0.java': 'class Other {}\n' }
  const smallPush = await preparePush(small, one, 'update')
  const largePush = await preparePush(large, one, 'update')
  const [smallCode, largeCode] = [await preparePush(small, code, 'update'), await preparePush(large, code, 'update')]
  const manyPush = await preparePush(small, many, 'update')
  const hook = await fixture.hook('large')

  const names = {
    small: 'one catalog file, repository of 100 files',
    large: `one catalog file, repository of ${FILES.toLocaleString('en')} files`,
    smallCode: 'no catalog file, repository of 100 files',
    largeCode: `no catalog file, repository of ${FILES.toLocaleString('en')} files`,
    many: `${CATALOG_FILES.toLocaleString('en')} catalog files in one push`,
  }
  const samples = interleave((): Case[] => [
    bareNode(smallPush),
    pushCase(names.small, hook, smallPush),
    pushCase(names.large, hook, largePush),
    pushCase(names.smallCode, hook, smallCode),
    pushCase(names.largeCode, hook, largeCode),
    pushCase(names.many, hook, manyPush),
  ])
  return [
    { ...ratioRow(samples, names.large, names.small, 1.3), note: 'against 100 files' },
    { ...ratioRow(samples, names.largeCode, names.smallCode, 1.3), note: 'against 100 files' },
    ratioRow(samples, names.many, BARE_NODE, 15),
    peakRow(peakMegabytes(fixture, hook, manyPush)),
  ]
}

const peakRow = (megabytes: number): Row => ({
  what: 'its peak memory',
  figure: `${megabytes} MB`,
  target: '<= 150 MB',
  isMet: megabytes <= 150,
  note: 'Node alone, one run',
})

/** Of the Node half, which is by far the larger; told by Node itself at its end. */
function peakMegabytes(fixture: BenchFixture, hook: string, push: Push): number {
  const [script, result] = [join(fixture.directory, 'peak.cjs'), join(fixture.directory, 'peak')]
  writeFileSync(
    script,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(result)}, String(process.resourceUsage().maxRSS)))`,
  )
  const one = pushCase('peak memory', hook, push)
  const node = join(fixture.directory, 'measured-node')
  writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' --require='${script}' "$@"\n`, { mode: 0o755 })
  runOnce({ ...one, env: { ...one.env, CATALOG_GATE_NODE: node } })
  return Math.round(Number(readFileSync(result, 'utf8')) / 1000)
}
