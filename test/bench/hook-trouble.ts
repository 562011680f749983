// What a relay in trouble costs a push: refused, black-holed, silent, and a name server that does not answer.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../support/process.ts'
import { type BenchFixture, PATIENT_MS, WAIT_MS } from './bench-fixture.ts'
import { addedRow, type Case, interleave } from './measure.ts'
import { DEAD_NAME_SERVER } from './peer.ts'
import { catalogFile, createRepository, preparePush, pushCase } from './push.ts'
import type { Row } from './row.ts'

/** Two whole processes that do the same differ by less than this in the median of 40 rounds (measured). */
const NOISE_MS = 1

export async function benchHookTrouble(fixture: BenchFixture): Promise<Row[]> {
  const repository = await createRepository(join(fixture.directory, 'trouble.git'), 100)
  const push = await preparePush(repository, { 'catalog-info.yaml': catalogFile('payments', 'Payments 2') }, 'update')
  const alone = await fixture.hook('no-relay')
  const up = await fixture.relayHook(
    'up',
    `http://127.0.0.1:${(await fixture.peer('http')).port}`,
    undefined,
    PATIENT_MS,
  )
  const refused = await fixture.relayHook('refused', `http://127.0.0.1:${await freePort()}`)
  const silent = await fixture.relayHook('silent', `http://127.0.0.1:${(await fixture.peer('silent')).port}`)
  const blackHoled = await fixture.relayHook('black-holed', `http://127.0.0.1:${await fixture.blackHole()}`)
  const dead = await deadNameServer(fixture)

  const later = /^warning: catalog-gate: the relay .*; Backstage learns of this push later\n$/
  const names = {
    alone: 'relay: none configured',
    up: 'relay up',
    refused: 'relay refused',
    silent: 'relay silent',
    blackHoled: 'relay black-holed',
    aloneThere: 'relay: none configured, in a mount namespace',
    deadName: 'name server dead',
  }
  const samples = interleave((round): Case[] => [
    pushCase(names.alone, alone, push, round),
    pushCase(names.up, up, push, round),
    { ...pushCase(names.refused, refused, push, round), output: later },
    { ...pushCase(names.silent, silent, push, round), output: later },
    { ...pushCase(names.blackHoled, blackHoled, push, round), output: later },
    ...(dead.result === 'possible'
      ? [
          dead.inside(pushCase(names.aloneThere, alone, push, round)),
          { ...dead.inside(pushCase(names.deadName, dead.hook, push, round)), output: later },
        ]
      : []),
  ])
  return [
    addedRow(samples, names.alone, names.alone),
    addedRow(samples, names.up, names.alone),
    {
      ...addedRow(samples, names.refused, names.up, { text: `<= + ${NOISE_MS} ms`, ms: NOISE_MS }),
      note: 'against relay up',
    },
    ...[names.silent, names.blackHoled].map(what => ({
      ...addedRow(samples, what, names.up, { text: `<= + ${WAIT_MS + 5} ms`, ms: WAIT_MS + 5 }),
      note: 'against relay up',
    })),
    dead.result === 'possible'
      ? addedRow(samples, names.deadName, names.aloneThere, { text: `<= + ${WAIT_MS + 60} ms`, ms: WAIT_MS + 60 })
      : { what: names.deadName, note: `not measured: ${dead.reason}` },
  ]
}

type DeadNames =
  | { result: 'possible'; hook: string; inside: (one: Case) => Case }
  | { result: 'impossible'; reason: string }

/** A resolv.conf of our own, mounted over the machine's in a mount namespace: for this needs root. Everything stays on loopback. */
async function deadNameServer(fixture: BenchFixture): Promise<DeadNames> {
  const file = join(fixture.directory, 'resolv.conf')
  writeFileSync(file, `nameserver ${DEAD_NAME_SERVER}\n`)
  const mounted = ['-m', 'sh', '-c', 'mount --bind "$1" /etc/resolv.conf && exec "$2"', 'sh', file]
  const attempt = spawnSync('unshare', [...mounted, 'true'], { encoding: 'utf8' })
  if (attempt.status !== 0)
    return { result: 'impossible', reason: `unshare -m: ${(attempt.error?.message ?? attempt.stderr).trim()}` }
  await fixture.peer('dns')
  const hook = await fixture.relayHook('dead-name', 'http://relay.catalog-gate.example:8080')
  return { result: 'possible', hook, inside: one => ({ ...one, command: 'unshare', args: [...mounted, one.command] }) }
}
