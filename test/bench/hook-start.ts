// What a push waits for: a hook's whole process, for the usual pushes.
import { join } from 'node:path'
import { type BenchFixture, PATIENT_MS } from './bench-fixture.ts'
import { type Case, interleave, ratioRow } from './measure.ts'
import { apiFile, BARE_NODE, bareNode, catalogFile, createRepository, preparePush, pushCase } from './push.ts'
import type { Row } from './row.ts'

export async function benchHookStart(fixture: BenchFixture): Promise<Row[]> {
  const repository = await createRepository(join(fixture.directory, 'small.git'), 100)
  const code = { 'src/package0/file0.java': 'class Other {}\n' }
  const catalog = { 'catalog-info.yaml': catalogFile('payments', 'Payments 2') }
  const bad = {
    'catalog-info.yaml': catalogFile('payments', 'Payments 2').replace('name: payments', 'name: payments api'),
  }
  const [codeUpdate, codeBranch] = [
    await preparePush(repository, code, 'update'),
    await preparePush(repository, code, 'create'),
  ]
  const [update, branch] = [
    await preparePush(repository, catalog, 'update'),
    await preparePush(repository, catalog, 'create'),
  ]
  const refused = await preparePush(repository, bad, 'update')
  const quoting = await preparePush(repository, { 'catalog-info.yaml': apiFile('payments') }, 'update')

  const alone = await fixture.hook('alone')
  const relayUrl = await fixture.relay()
  const sink = `http://127.0.0.1:${(await fixture.peer('http')).port}`
  const { certificate, key } = fixture.certificate()
  const secure = `https://127.0.0.1:${(await fixture.peer('https', certificate, key)).port}`
  const http = await fixture.relayHook('http', relayUrl ?? sink, undefined, PATIENT_MS)
  const https = await fixture.relayHook('https', secure, certificate, PATIENT_MS)

  const other = relayUrl === undefined ? 'a plain server' : 'the relay'
  const names = {
    codeUpdate: 'no catalog file, branch moved',
    codeBranch: 'no catalog file, branch created',
    alone: 'one catalog file, no relay',
    branch: 'one catalog file, branch created, no relay',
    refused: 'one catalog file, refused, no relay',
    quoting: 'one catalog file with $text in the tree, no relay',
    http: `one catalog file, ${other} up over http`,
    https: 'one catalog file, a plain server up over https',
  }
  const samples = interleave((round): Case[] => [
    bareNode(update),
    pushCase(names.codeUpdate, alone, codeUpdate, round),
    pushCase(names.codeBranch, alone, codeBranch, round),
    pushCase(names.alone, alone, update, round),
    pushCase(names.branch, alone, branch, round),
    { ...pushCase(names.refused, alone, refused, round), exitCode: 1, output: /^error: / },
    pushCase(names.quoting, alone, quoting, round),
    pushCase(names.http, http, update, round),
    pushCase(names.https, https, update, round),
  ])
  return [
    ratioRow(samples, BARE_NODE, BARE_NODE),
    ratioRow(samples, names.codeUpdate, BARE_NODE, 0.3),
    ratioRow(samples, names.codeBranch, BARE_NODE, 0.3),
    ratioRow(samples, names.alone, BARE_NODE, 1.6),
    ratioRow(samples, names.branch, BARE_NODE),
    ratioRow(samples, names.refused, BARE_NODE),
    ratioRow(samples, names.quoting, BARE_NODE, 2),
    ratioRow(samples, names.http, BARE_NODE, 1.8),
    ratioRow(samples, names.https, BARE_NODE, 1.8),
  ]
}
