// Whatever else people do with files: swaps, merges, splits and back, chains, there and back, letter case, another repository. Each ends in a real catalog as the branch has it.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isWhole } from '../support/campaign.ts'
import type { RelayProcess } from '../support/relay-process.ts'
import { type Content, MovesFixture, type MovingRepository, NEW, OLD, type Settings } from './moves-fixture.ts'

/** `end`: where each entity is shown from then, with its title. */
type Scene = {
  /** Of these Locations are registered; left out: of all files. With them it is a scene of files by hand alone. */
  registered?: string[]
  /** What another branch makes of it before. */
  topic?: Record<string, Content | null>
  start: Record<string, Content>
  pushes: Record<string, Content | null>[]
  pauseMs?: number
  end: Record<string, string>
}

const [A, B, C] = ['a/catalog-info.yaml', 'b/catalog-info.yaml', 'c/catalog-info.yaml']
const FIFTY = Array.from({ length: 50 }, (_, i) => i)
const there = { [A]: null, [B]: { x: 'two' } }
const back = { [A]: { x: 'three' }, [B]: null }

const SCENES: Record<string, Scene> = {
  swap: {
    start: { [A]: { x: 'one' }, [B]: { y: 'one' } },
    pushes: [{ [A]: { y: 'two' }, [B]: { x: 'two' } }],
    end: { x: `two ${B}`, y: `two ${A}` },
  },
  merge: {
    start: { [A]: { x: 'one' }, [B]: { y: 'one' } },
    pushes: [{ [A]: null, [B]: null, [C]: { x: 'two', y: 'two' } }],
    end: { x: `two ${C}`, y: `two ${C}` },
  },
  'merge-into': {
    start: { [A]: { x: 'one' }, [B]: { y: 'one' } },
    pushes: [{ [A]: null, [B]: { x: 'two', y: 'two' } }],
    end: { x: `two ${B}`, y: `two ${B}` },
  },
  'split-and-back': {
    start: { [A]: { x: 'one', y: 'one' } },
    pushes: [
      { [A]: { x: 'two' }, [B]: { y: 'two' } },
      { [A]: { x: 'three', y: 'three' }, [B]: null },
    ],
    pauseMs: 3000,
    end: { x: `three ${A}`, y: `three ${A}` },
  },
  'there-and-back': { start: { [A]: { x: 'one' } }, pushes: [there, back], pauseMs: 700, end: { x: `three ${A}` } },
  'there-back-there': {
    start: { [A]: { x: 'one' } },
    pushes: [there, back, { [A]: null, [B]: { x: 'four' } }],
    pauseMs: 2500,
    end: { x: `four ${B}` },
  },
  chain: {
    start: { [A]: { x: 'one' } },
    pushes: [there, { [B]: null, [C]: { x: 'three' } }],
    pauseMs: 300,
    end: { x: `three ${C}` },
  },
  'chain-at-once': {
    start: { [A]: { x: 'one' } },
    pushes: [there, { [B]: null, [C]: { x: 'three' } }],
    end: { x: `three ${C}` },
  },
  reverted: {
    start: { [A]: { x: 'one' } },
    pushes: [there, { [A]: { x: 'one' }, [B]: null }],
    pauseMs: 1300,
    end: { x: `one ${A}` },
  },
  'two-branches': {
    start: { [A]: { x: 'one' } },
    topic: { [A]: null, [B]: { x: 'two' } },
    pushes: [
      { [A]: null, [C]: { x: 'three' } },
      { [C]: null, [B]: { x: 'four' } },
    ],
    pauseMs: 1000,
    end: { x: `four ${B}` },
  },
  'folder-of-fifty': {
    start: Object.fromEntries(FIFTY.map(i => [`d/${i}/catalog-info.yaml`, { [`x${i}`]: 'one' }])),
    pushes: [
      Object.fromEntries(
        FIFTY.flatMap((i): [string, Content | null][] => [
          [`d/${i}/catalog-info.yaml`, null],
          [`e/${i}/catalog-info.yaml`, { [`x${i}`]: 'two' }],
        ]),
      ),
    ],
    end: Object.fromEntries(FIFTY.map(i => [`x${i}`, `two e/${i}/catalog-info.yaml`])),
  },
  'target-moved': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './a.yaml, ./b.yaml' }, 'a.yaml': { x: 'one' }, 'b.yaml': { y: 'one' } },
    pushes: [
      {
        [OLD]: { 'location:all': './c/a.yaml, ./b.yaml' },
        'a.yaml': null,
        'c/a.yaml': { x: 'two' },
        'b.yaml': { y: 'two' },
      },
    ],
    end: { x: 'two c/a.yaml', y: 'two b.yaml' },
  },
  'glob-and-folder-moved': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './teams/*.yaml' }, 'teams/x.yaml': { x: 'one' }, 'teams/y.yaml': { y: 'one' } },
    pushes: [
      {
        [OLD]: { 'location:all': './groups/*.yaml' },
        ...{ 'teams/x.yaml': null, 'teams/y.yaml': null },
        ...{ 'groups/x.yaml': { x: 'two' }, 'groups/y.yaml': { y: 'two' } },
      },
    ],
    end: { x: 'two groups/x.yaml', y: 'two groups/y.yaml' },
  },
  'into-a-glob': {
    registered: [OLD, A],
    start: { [OLD]: { 'location:all': './teams/*.yaml' }, 'teams/x.yaml': { x: 'one' }, [A]: { y: 'one' } },
    pushes: [{ [A]: null, 'teams/y.yaml': { y: 'two' } }],
    end: { x: 'one teams/x.yaml', y: 'two teams/y.yaml' },
  },
  'two-branches-the-same': {
    start: { [A]: { x: 'one' } },
    topic: { [A]: null, [B]: { x: 'one' } },
    pushes: [{ [A]: null, [B]: { x: 'two' } }],
    end: { x: `two ${B}` },
  },
  'two-branches-the-other-way': {
    start: { [A]: { x: 'one' }, [B]: { y: 'one' } },
    topic: { [B]: null, [A]: { x: 'one', y: 'one' } },
    pushes: [{ [A]: null, [B]: { x: 'two', y: 'two' } }],
    end: { x: `two ${B}`, y: `two ${B}` },
  },
  'location-moved-with-its-targets': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './a.yaml' }, 'a.yaml': { x: 'one' } },
    pushes: [{ [OLD]: null, 'a.yaml': null, [NEW]: { 'location:all': './a.yaml' }, 'svc/a.yaml': { x: 'two' } }],
    end: { x: 'two svc/a.yaml' },
  },
  'target-into-the-location': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './a.yaml, ./b.yaml' }, 'a.yaml': { x: 'one' }, 'b.yaml': { y: 'one' } },
    pushes: [{ [OLD]: { 'location:all': './b.yaml', x: 'two' }, 'a.yaml': null }],
    end: { x: `two ${OLD}`, y: 'one b.yaml' },
  },
  'targets-swap': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './a.yaml, ./b.yaml' }, 'a.yaml': { x: 'one' }, 'b.yaml': { y: 'one' } },
    pushes: [{ 'a.yaml': { y: 'two' }, 'b.yaml': { x: 'two' } }],
    end: { x: 'two b.yaml', y: 'two a.yaml' },
  },
  'target-moved-in-two-pushes': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './a.yaml' }, 'a.yaml': { x: 'one' } },
    pushes: [{ 'a.yaml': null, 'c/a.yaml': { x: 'two' } }, { [OLD]: { 'location:all': './c/a.yaml' } }],
    pauseMs: 2000,
    end: { x: 'two c/a.yaml' },
  },
  'within-a-glob': {
    registered: [OLD],
    start: { [OLD]: { 'location:all': './teams/*.yaml' }, 'teams/x.yaml': { x: 'one' }, 'teams/y.yaml': { y: 'one' } },
    pushes: [{ 'teams/x.yaml': null, 'teams/z.yaml': { x: 'two' } }],
    end: { x: 'two teams/z.yaml', y: 'one teams/y.yaml' },
  },
  'letter-case': {
    start: { [NEW]: { x: 'one' } },
    pushes: [{ [NEW]: null, 'Svc/catalog-info.yaml': { x: 'two' } }],
    end: { x: 'two Svc/catalog-info.yaml' },
  },
  'renamed-and-moved': {
    start: { [A]: { x: 'one' } },
    pushes: [{ [A]: null, [B]: { y: 'two' } }],
    end: { y: `two ${B}`, x: '-' },
  },
}

const RELAYS: Record<'hand' | 'pattern', Settings> = {
  hand: { register: true, removed: 'unregister' },
  pattern: { register: false, removed: 'refresh' },
}
const WHERE = ['hand', 'pattern'] as const

/** Entities have names of their own in each repository. */
const named = <T>(repository: string, entities: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(entities).map(([name, value]) => [name.replace(/^(location:)?/, `$1${repository}-`), value]),
  )
const scenesOf = (where: string) =>
  Object.entries(SCENES).filter(([, { registered }]) => where === 'hand' || registered === undefined)
const registeredOf = (name: string, files: Record<string, Content>) =>
  SCENES[name.replace('hand-', '')]?.registered ?? Object.keys(files)
const filesOf = <T extends Content | null>(repository: string, files: Record<string, T>) =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [path, content && named(repository, content)]))

suite('moves of all kinds', { timeout: 600_000, concurrency: 3, skip: !isWhole && 'CAMPAIGNS=whole' }, () => {
  let fixture: MovesFixture
  let moving: Record<string, MovingRepository>
  const relays: Partial<Record<string, RelayProcess>> = {}

  before(async () => {
    const scenes = WHERE.flatMap(where =>
      scenesOf(where).map(([what, { start }]) => [`${where}-${what}`, start] as const),
    )
    const pairs = WHERE.flatMap(where =>
      ['from', 'to', 'from-late', 'to-early'].map(end => [`${where}-${end}`, { [OLD]: { x: 'one' } }] as const),
    )
    const starts = Object.fromEntries(
      [...scenes, ...pairs].map(([name, files]) => [name, filesOf(name, files) as Record<string, Content>]),
    )
    const byPattern = Object.keys(starts).filter(name => name.startsWith('pattern'))
    const patterns = byPattern.map(name => `${name}/**/${OLD}`)
    ;({ fixture, moving } = await MovesFixture.open(patterns, starts))
    for (const where of WHERE) relays[where] = await fixture.relay(where, RELAYS[where], {}, true)
    const fromMs = Date.now()
    for (const [name, files] of Object.entries(starts))
      for (const path of name.startsWith('hand') ? registeredOf(name, files) : []) await fixture.register(name, path)
    for (const files of Object.values(starts))
      for (const [path, content] of Object.entries(files))
        for (const name of Object.keys(content).filter(name => !name.startsWith('location:')))
          await fixture.until(name, `one ${path}`, fromMs, 60_000)
    for (const [name, repository] of Object.entries(moving)) {
      const relay = relayOf(name)
      await fixture.settled(relay, (await repository.tellAll(relay)).id, 60_000)
    }
  })
  after(() => fixture?.close())

  const relayOf = (name: string) => relays[name.startsWith('hand') ? 'hand' : 'pattern'] as RelayProcess

  for (const where of WHERE)
    for (const [what, { pushes, pauseMs = 0, topic, end }] of scenesOf(where))
      test(`${where}, ${what}`, async t => {
        const name = `${where}-${what}`
        const told = []
        if (topic) await moving[name]?.pushTopic(relayOf(name), 'topic', filesOf(name, topic))
        for (const files of pushes) {
          if (told.length > 0) await delay(pauseMs)
          told.push(await moving[name]?.push(relayOf(name), filesOf(name, files)))
        }
        const fromMs = told.at(-1)?.landedAtMs ?? 0
        for (const [entity, shown] of Object.entries(named(name, end)))
          t.diagnostic(`${entity}: ${await fixture.until(entity, shown, fromMs, 45_000)} ms`)
        for (const push of told) {
          const { state, outcomes } = await fixture.settled(relayOf(name), push?.id ?? '', 60_000)
          assert.equal(state, 'forwarded', outcomes)
        }
      })

  for (const where of WHERE)
    test(`${where}, to another repository`, async t => {
      const [from, to] = [moving[`${where}-from`], moving[`${where}-to`]]
      await from?.push(relayOf(where), { [OLD]: null })
      const told = await to?.push(relayOf(where), { [NEW]: { [`${where}-from-x`]: 'two' } })
      t.diagnostic(`${await fixture.until(`${where}-from-x`, `two ${NEW}`, told?.landedAtMs ?? 0, 45_000)} ms`)
      assert.match(
        (await fixture.settled(relayOf(where), told?.id ?? '')).outcomes,
        /, after .* of acme\/.*-from, and looked/,
      )
    })

  for (const where of WHERE)
    test(`${where}, to another repository, which is told of long before`, async t => {
      const [from, to] = [moving[`${where}-from-late`], moving[`${where}-to-early`]]
      await to?.push(relayOf(where), { [NEW]: { [`${where}-from-late-x`]: 'two' } })
      await delay(3000)
      const told = await from?.push(relayOf(where), { [OLD]: null })
      const shown = `two ${NEW}`
      t.diagnostic(`${await fixture.until(`${where}-from-late-x`, shown, told?.landedAtMs ?? 0, 45_000)} ms`)
    })
})
