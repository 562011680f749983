// Holds that arrows go one way: what each room of hooks, relay, scripts and schemas may import, and that no files import each other in a circle.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import {
  circlesOf,
  idleEntries,
  type RoomTable,
  readImports,
  relativeImports,
  wrongImports,
} from './support/import-graph.ts'

// A room, and what it may import besides itself: only what stands below it. Everyone may import schemas.
// A new arrow is a decision: does the file belong there, or does what it needs belong further down?
const table = {
  // The command line: a room a command; cli, config and ghes are shared.
  'scripts/catalog-gate.ts': ['scripts/cli/program.ts', 'scripts/check', 'scripts/config'],
  'scripts/cli/program.ts': [
    ...[
      'scripts/backstage',
      'scripts/check',
      'scripts/completion',
      'scripts/doctor',
      'scripts/environment',
      'scripts/explain',
      'scripts/install',
      'scripts/learn',
      'scripts/migrate',
      'scripts/relay',
      'scripts/store',
    ],
    ...['scripts/survey', 'scripts/try', 'scripts/wiki', 'scripts/cli', 'package.json'],
  ],
  'scripts/prepare.mjs': [],
  'scripts/build': ['scripts/check', 'scripts/cli', 'scripts/config', 'hooks/process', 'hooks/config', 'package.json'],
  'scripts/maintain': ['scripts/config', 'hooks/report', 'hooks/catalog', 'hooks/diagnostics'],
  // It compares what is there with what install would put there.
  'scripts/doctor': [
    ...['scripts/install', 'scripts/learn', 'scripts/backstage', 'scripts/cli', 'scripts/config', 'scripts/ghes'],
    ...['hooks/config', 'relay/clients', 'relay/config'],
  ],
  'scripts/completion': ['scripts/cli'],
  'scripts/environment': ['scripts/cli', 'package.json'],
  'scripts/explain': ['scripts/cli', 'hooks/diagnostics'],
  'scripts/relay': ['scripts/cli', 'relay/main.ts'],
  'scripts/store': ['scripts/cli', 'relay/store', 'relay/config'],
  // What a survey knows of repositories is where it begins; repairs are those of check --fix.
  'scripts/migrate': [
    ...['scripts/survey', 'scripts/check', 'scripts/cli', 'scripts/config', 'scripts/ghes', 'hooks/catalog'],
    'hooks/diagnostics',
    ...['hooks/config', 'relay/clients', 'relay/config', 'relay/runtime'],
  ],
  'scripts/survey': [
    ...['scripts/cli', 'scripts/config', 'scripts/ghes', 'hooks/catalog', 'hooks/diagnostics', 'hooks/config'],
    ...['relay/clients', 'relay/runtime'],
  ],
  'scripts/wiki': ['scripts/cli', 'scripts/ghes', 'scripts/git', 'relay/clients', 'relay/runtime'],
  'scripts/install': ['scripts/cli', 'scripts/ghes', 'relay/clients', 'relay/config', 'package.json'],
  'scripts/learn': [
    ...['scripts/backstage', 'scripts/cli', 'scripts/config', 'hooks/catalog', 'hooks/config', 'relay/clients'],
  ],
  'scripts/backstage': ['scripts/cli', 'relay/config'],
  'scripts/try': ['scripts/git', 'scripts/check', 'scripts/cli', 'scripts/config', 'hooks/config'],
  'scripts/check': [
    ...[
      'hooks/notify',
      'scripts/cli',
      'scripts/config',
      'hooks/report',
      'hooks/catalog',
      'hooks/diagnostics',
      'hooks/config',
    ],
    'package.json',
  ],
  'scripts/cli': ['scripts/config'],
  'scripts/config': ['hooks/catalog', 'hooks/diagnostics', 'hooks/config'],
  'scripts/git': [],
  'scripts/ghes': ['relay/clients', 'relay/config'],

  // The relay: relay.ts puts everything together, and alone knows the roof, relay/watch.
  'relay/main.ts': ['relay/run.ts', 'relay/runtime'],
  'relay/run.ts': ['relay/relay.ts', 'relay/store', 'relay/clients', 'relay/config', 'relay/runtime'],
  'relay/relay.ts': [
    ...['relay/relay-parts.ts', 'relay/way-in.ts', 'relay/watch', 'relay/intake', 'relay/deliver', 'relay/reconcile'],
    ...['relay/lookups', 'relay/clients', 'relay/config', 'relay/runtime'],
  ],
  'relay/way-in.ts': ['relay/relay-parts.ts', 'relay/intake', 'relay/deliver', 'relay/reconcile', 'relay/lookups'],
  'relay/relay-parts.ts': ['relay/store', 'relay/clients', 'relay/config', 'relay/runtime'],
  'relay/watch': [
    ...['relay/intake', 'relay/deliver', 'relay/reconcile', 'relay/store', 'relay/config'],
    'relay/runtime',
  ],
  'relay/intake': ['relay/lookups', 'relay/store', 'relay/clients', 'relay/config', 'relay/runtime'],
  'relay/deliver': ['relay/store', 'relay/clients', 'relay/runtime'],
  'relay/reconcile': ['relay/store', 'relay/clients', 'relay/runtime'],
  'relay/lookups': ['relay/store', 'relay/clients', 'relay/runtime'],
  'relay/store': ['relay/config', 'relay/runtime'],
  'relay/clients': ['relay/runtime'],
  'relay/backstage': [],
  'relay/config': [],
  'relay/runtime': [],

  // The hooks: thin entries, the operating system, a run, and its parts.
  'hooks/catalog-gate.ts': ['hooks/process', 'hooks/run'],
  'hooks/catalog-validate.ts': ['hooks/process', 'hooks/run'],
  'hooks/catalog-notify.ts': ['hooks/process'],
  'hooks/process': ['hooks/run', 'hooks/push', 'hooks/notify', 'hooks/config'],
  'hooks/probe': ['hooks/notify', 'hooks/config'],
  'hooks/run': [
    ...['hooks/push', 'hooks/notify', 'hooks/report', 'hooks/catalog', 'hooks/diagnostics', 'hooks/config'],
  ],
  'hooks/push': ['hooks/config'],
  'hooks/notify': [],
  'hooks/report': ['hooks/catalog', 'hooks/diagnostics'],
  'hooks/catalog': ['hooks/diagnostics', 'hooks/config'],
  'hooks/diagnostics': [],
  'hooks/baked.d.ts': ['hooks/config'],
  'hooks/config': [],

  // What hooks and relay agree on: the ground of all of them.
  schemas: [],
  'package.json': [],
} satisfies RoomTable

const root = join(import.meta.dirname, '..')
const graph = readImports(root, ['hooks', 'relay', 'schemas', 'scripts'])

test('each room imports only what the table allows', () => {
  const allowed = Object.entries<readonly string[]>(table).map(([room, others]) => [room, [...others, 'schemas']])
  assert.deepEqual(wrongImports(graph, Object.fromEntries(allowed)), [])
})

test('the table itself only goes down', () => {
  const rooms = Object.keys(table)
  const upward = Object.entries<readonly string[]>(table).flatMap(([room, others]) =>
    others.filter(other => rooms.indexOf(other) <= rooms.indexOf(room)).map(other => `${room}: ${other}`),
  )
  assert.deepEqual(upward, [])
})

test('the table allows nothing that nobody needs', () => {
  assert.deepEqual(idleEntries(graph, table), [])
})

test('no files import each other in a circle', () => {
  assert.deepEqual(circlesOf(graph), [])
})

suite('what these tests would find', () => {
  const made = { low: [], high: ['low'] }

  test('an arrow back up, and a file without a room', () => {
    const wrong = new Map([
      ['low/a.ts', ['high/b.ts']],
      ['high/b.ts', ['low/a.ts']],
      ['elsewhere/c.ts', []],
    ])
    assert.deepEqual(wrongImports(wrong, made), [
      'low/a.ts imports high/b.ts: low may not import high',
      'elsewhere/c.ts is in no room of the table',
    ])
  })

  test('a room inside another is not the other', () => {
    const table = { low: [], 'low/roof.ts': ['low'] }
    assert.deepEqual(wrongImports(new Map([['low/roof.ts', ['low/a.ts']]]), table), [])
    assert.equal(wrongImports(new Map([['low/a.ts', ['low/roof.ts']]]), table).length, 1)
  })

  test('an entry that no import needs', () => {
    assert.deepEqual(idleEntries(new Map([['high/b.ts', ['high/c.ts']]]), made), ['high: low'])
  })

  test('circles of two and of three; a roof over them is in none', () => {
    const circles = circlesOf(
      new Map([
        ['roof', ['a', 'p']],
        ['a', ['b']],
        ['b', ['c', 'a']],
        ['c', ['leaf', 'a']],
        ['leaf', []],
        ['p', ['q']],
        ['q', ['p', 'leaf']],
      ]),
    )
    assert.deepEqual(circles.sort(), [
      ['a', 'b', 'c'],
      ['p', 'q'],
    ])
  })

  test('imports in every form, and none that is only text', () => {
    const text = `import './effect.ts'
import { a, type B } from './fixed.ts'
import type { C } from './type.ts'
import {
  d,
} from './lines.ts'
export * from './again.ts'
export type { E } from './again-type.ts'
import fs from 'node:fs'
const later = () => import('./later.ts')
type F = typeof import('./typeof.ts')
const words = 'import { x } from nowhere'
export const g = './value.ts'
`
    assert.deepEqual(relativeImports(text), [
      ...['./effect.ts', './fixed.ts', './type.ts', './lines.ts', './again.ts', './again-type.ts'],
      ...['./later.ts', './typeof.ts'],
    ])
  })
})
