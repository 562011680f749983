// What the catalog has made of pushes where nobody says it: read from outside, and never wrong.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readOutcomes } from '../../../relay/deliver/read-outcomes.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { TestClock } from '../clock.ts'
import { openNewStore } from '../new-store.ts'
import { aPush, LEASE, landAll, stateOf } from '../store/contract/fixture.ts'
import { component, ReadingCatalog } from './reading-catalog.ts'

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
}

function open(t: TestContext) {
  const folder = temporaryFolder('catalog-gate-reading-')
  const clock = new TestClock()
  const store = openNewStore({ path: join(folder, 'relay.db'), now: clock.now })
  const catalog = new ReadingCatalog()
  const texts = new Map<string, string>()
  let hasReported = false
  let asked = 0
  let isLimited = false
  const start = () =>
    readOutcomes({
      ...{ store, clock, backstage: catalog, host: 'ghe.test', refreshesPerSecond: 40 },
      log: openLog({ write() {} }, 'silent'),
      hasReported: async () => hasReported,
      contents: async ({ commit, path }) => {
        asked++
        if (isLimited) return { result: 'trouble', kind: 'limited', reason: 'GHES answered 429', retryAfterMs: 30_000 }
        const text = texts.get(`${commit} ${path}`)
        return text === undefined ? { result: 'none' } : { result: 'text', text }
      },
    })
  let leave = start()
  let leaveOther = () => {}
  t.after(async () => {
    leave()
    leaveOther()
    await settle()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 300) {
      clock.pass(300)
      await settle()
    }
  }
  /** Pushes these files (text by path), which are refreshed at once. */
  const push = async (repository: string, files: Readonly<Record<string, string>>, entities?: string[]) => {
    const names = (text: string) => [...text.matchAll(/name: ([\w-]+)/g)].map(([, name]) => `component:default/${name}`)
    const made = aPush(clock, {
      repository: `acme/${repository}`,
      files: Object.entries(files).map(([path, text]) => ({
        ...{ path, change: 'modified' as const, entities: entities ?? names(text) },
      })),
    })
    for (const [path, text] of Object.entries(files)) texts.set(`${made.after} ${path}`, text)
    await store.accept(made)
    await landAll(store)
    for (const job of await store.claimJobs('refresh', LEASE)) await store.done(job, 'refreshed')
    await pass(600)
    return made
  }
  const one = (name: string, text: string) => push(name, { 'catalog-info.yaml': text })
  const place = (name: string) => `acme/${name}/main/catalog-info.yaml`
  const of = async (made: { id: string }) => {
    const { verdict, notKnown } = await stateOf(store, made)
    return verdict ?? notKnown
  }
  return {
    ...{ clock, store, catalog, texts, pass, push, one, place, of },
    startOther: () => {
      leaveOther = start()
    },
    restart: () => {
      leave()
      leave = start()
    },
    report: () => {
      hasReported = true
    },
    contentsAsked: () => asked,
    limit: (isOn: boolean) => {
      isLimited = isOn
    },
  }
}

const FILE = 'catalog-info.yaml'
const accepted = { result: 'accepted', files: [{ path: FILE, result: 'accepted' }], by: 'reading' }
const timeless = (verdict: object | undefined) => verdict && { ...verdict, afterMs: undefined }
const isAccepted = (verdict: object | undefined, why?: string) =>
  assert.deepEqual(timeless(verdict), { ...accepted, afterMs: undefined }, why)

test('a new file, a changed one, and one that is as it was are accepted once the catalog shows them, not before', async t => {
  const { catalog, one, place, of, pass, store, contentsAsked } = open(t)
  const added = await one('a', component('a', 'one'))
  assert.equal(await of(added), undefined)
  catalog.read(place('a'), component('a', 'one'))
  await pass(4000)
  isAccepted(await of(added))
  assert.match(
    (await stateOf(store, added)).history.at(-1)?.detail ?? '',
    /^as far as can be read, in the catalog after/,
  )
  const changed = await one('a', component('a', 'two'))
  await pass(10_000)
  assert.equal(await of(changed), undefined, 'still the old content')
  catalog.read(place('a'), component('a', 'two'))
  await pass(10_000)
  isAccepted(await of(changed))
  const again = await one('a', `# a comment\n${component('a', 'two')}`)
  isAccepted(await of(again), 'it is there already')
  assert.equal(contentsAsked(), 3, 'one question to GHES a push')
})

test('what was there and is refused bears the error; a file that cannot be read, too; mended, both are accepted', async t => {
  const { catalog, one, place, of, pass } = open(t)
  catalog.read(place('a'), component('a', 'one'))
  const refused = await one('a', component('a', 'two', ''))
  assert.equal(await of(refused), undefined)
  catalog.read(place('a'), component('a', 'two', ''))
  await pass(4000)
  const { result, files, by } = (await of(refused)) as { result: string; files: { errors?: string[] }[]; by: string }
  assert.deepEqual([result, by], ['refused', 'reading'])
  assert.match(files[0]?.errors?.[0] ?? '', /required property type/)
  const still = await one('a', component('a', 'three', ''))
  await pass(62_000)
  assert.deepEqual(await of(still), {
    words: `${FILE}: component:default/a has an error that may be from before this push: InputError: Policy check failed; caused by TypeError: /spec must have required property type`,
    looksWrong: true,
  })
  const broken = await one('b', 'a: [')
  catalog.read(place('b'), 'a: [')
  await pass(4000)
  assert.equal(((await of(broken)) as { result: string }).result, 'unreadable')
  const mended = await one('b', component('b', 'one'))
  await pass(4000)
  assert.equal(await of(mended), undefined, 'the error of before is no verdict')
  catalog.read(place('b'), component('b', 'one'))
  await pass(4000)
  isAccepted(await of(mended))
})

test('a new entity that is refused leaves no trace: it is not known, and looks wrong', async t => {
  const { catalog, one, place, of, pass } = open(t)
  const refused = await one('a', component('a', 'one', ''))
  catalog.read(place('a'), component('a', 'one', ''))
  await pass(59_000)
  assert.equal(await of(refused), undefined)
  await pass(3000)
  const words = `${FILE}: component:default/a is not in the catalog: it was refused (the log of Backstage says why), or the file is not read yet`
  assert.deepEqual(await of(refused), { words, looksWrong: true })
  const { requests } = catalog
  await pass(60_000)
  assert.equal(catalog.requests, requests, 'it is looked for no more')
})

test('a name that another file holds is a conflict, unless it is on its way here', async t => {
  const { catalog, one, place, of, pass, push } = open(t)
  const holder = await one('holder', component('a', 'its'))
  catalog.read(place('holder'), component('a', 'its'))
  await pass(4000)
  isAccepted(await of(holder))
  const taker = await one('taker', component('a', 'mine'))
  catalog.read(place('taker'), component('a', 'mine'))
  await pass(6000)
  assert.equal(await of(taker), undefined, 'it may come yet')
  await pass(6000)
  const verdict = (await of(taker)) as { result: string; files: { heldBy?: string }[] }
  assert.deepEqual(
    [verdict.result, verdict.files[0]?.heldBy],
    ['conflict', 'url:https://ghe.test/acme/holder/tree/main/catalog-info.yaml'],
  )
  const left = await push('holder', { [FILE]: component('b', 'its') })
  const came = await one('third', component('a', 'moved'))
  await pass(20_000)
  assert.equal(await of(came), undefined, 'the file that holds it has lost it')
  catalog.gone('component:default/a')
  catalog.read(place('third'), component('a', 'moved'))
  catalog.read(place('holder'), component('b', 'its'))
  await pass(20_000)
  isAccepted(await of(came))
  isAccepted(await of(left))
})

test('an error that an earlier push of the file may have made is no verdict on a later one', async t => {
  const { catalog, one, place, of, pass } = open(t)
  catalog.read(place('a'), component('a', 'one'))
  const bad = await one('a', component('a', 'two', ''))
  const good = await one('a', component('a', 'three'))
  assert.match(((await of(bad)) as { words: string }).words, /a later push of the file came before/)
  catalog.read(place('a'), component('a', 'two', ''))
  await pass(20_000)
  assert.equal(await of(good), undefined)
  catalog.read(place('a'), component('a', 'three'))
  await pass(20_000)
  isAccepted(await of(good))
})

test('what a processor has changed is not known; a placeholder counts once the entity has changed', async t => {
  const { catalog, one, place, of, pass } = open(t)
  catalog.processor = document => ({ ...document, spec: { ...(document['spec'] as object), system: 'x' } })
  const changed = await one('a', component('a', 'one'))
  catalog.read(place('a'), component('a', 'one'))
  await pass(62_000)
  const words = `${FILE}: the catalog shows component:default/a with another spec.system than the file: not read yet, or changed by a processor`
  assert.deepEqual(await of(changed), { words, looksWrong: false })
  catalog.processor = document => ({
    ...document,
    spec: { ...(document['spec'] as object), definition: String(document['text']) },
  })
  const quoting = component('b', 'one', 'type: openapi, definition: { $text: ./x.json }')
  const first = await one('b', quoting)
  catalog.read(place('b'), quoting)
  await pass(4000)
  isAccepted(await of(first))
  const second = await one('b', `${quoting}#`)
  await pass(4000)
  assert.equal(await of(second), undefined, 'nothing shows that it was read')
  catalog.read(place('b'), `text: new\n${quoting}`)
  await pass(8000)
  isAccepted(await of(second))
})

test('of several files all count, and what is bad of one is said although another is not known', async t => {
  const { catalog, push, of, pass, store } = open(t)
  catalog.read('acme/a/main/x/catalog-info.yaml', component('x', 'one'))
  const made = await push('a', { [FILE]: component('a', 'one', ''), 'x/catalog-info.yaml': component('x', 'two', '') })
  catalog.read('acme/a/main/x/catalog-info.yaml', component('x', 'two', ''))
  await pass(10_000)
  assert.equal(await of(made), undefined, 'of the other nothing is known yet')
  await pass(62_000)
  const { result, files } = (await of(made)) as { result: string; files: { path: string; result: string }[] }
  assert.deepEqual([result, files.map(({ path }) => path)], ['mixed', ['x/catalog-info.yaml']])
  assert.deepEqual(
    (await store.list({ refused: true, limit: 5 })).map(({ id }) => id),
    [made.id],
  )
})

test('a push that told of no entities is read at GHES; one whose content is not to be had is never accepted', async t => {
  const { catalog, push, place, of, pass, texts } = open(t)
  const untold = await push('a', { [FILE]: component('a', 'one') }, [])
  catalog.read(place('a'), component('a', 'one'))
  await pass(4000)
  isAccepted(await of(untold))
  const hidden = await push('b', { [FILE]: component('b', 'one') })
  texts.clear()
  catalog.read(place('b'), component('b', 'one'))
  await pass(62_000)
  assert.deepEqual(await of(hidden), {
    words: `${FILE}: GHES does not give the pushed file, or it is too large`,
    looksWrong: false,
  })
})

test('a token that is shown nothing, a module that has reported: nothing is read, and nothing said', async t => {
  const { catalog, one, of, pass, report } = open(t)
  catalog.mayRead = false
  const first = await one('a', component('a', 'one'))
  await pass(62_000)
  assert.deepEqual([await of(first), catalog.requests], [undefined, 1])
  catalog.mayRead = true
  await pass(600_000)
  const underWay = await one('c', component('c', 'one'))
  report()
  const { requests } = catalog
  await pass(600_000)
  const words = 'our module in Backstage has begun to report meanwhile'
  assert.deepEqual(await of(underWay), { words: `${FILE}: ${words}`, looksWrong: false }, 'what was watched has an end')
  const second = await one('b', component('b', 'one'))
  await pass(62_000)
  assert.deepEqual([await of(second), catalog.requests], [undefined, requests])
})

test('an outage of Backstage and a restart: each push has its end, and none a wrong one', async t => {
  const { catalog, one, place, of, pass, restart } = open(t)
  catalog.trouble = true
  const away = await one('a', component('a', 'one'))
  await pass(70_000)
  assert.deepEqual(await of(away), { words: `${FILE}: Backstage did not answer`, looksWrong: false })
  catalog.trouble = false
  catalog.read(place('b'), component('b', 'one'))
  const [good, bad] = [await one('c', component('c', 'one')), await one('b', component('b', 'two', ''))]
  restart()
  catalog.read(place('c'), component('c', 'one'))
  catalog.read(place('b'), component('b', 'two', ''))
  await pass(70_000)
  isAccepted(await of(good))
  assert.match(((await of(bad)) as { words: string }).words, /may be from before this push/)
})

test('hundreds of pushes at once: a fourth of the refreshes that the catalog is asked for, and all have their verdict', async t => {
  const { catalog, store, clock, texts, pass, place, of } = open(t)
  const made = Array.from({ length: 300 }, (_, i) => {
    const text = component(`a${i}`, 'one')
    const push = aPush(clock, {
      repository: `acme/a${i}`,
      files: [{ path: FILE, change: 'added', entities: [`component:default/a${i}`] }],
    })
    texts.set(`${push.after} ${FILE}`, text)
    catalog.read(place(`a${i}`), text)
    return push
  })
  await Promise.all(made.map(push => store.accept(push)))
  while ((await landAll(store)).length > 0);
  for (;;) {
    const jobs = await store.claimJobs('refresh', LEASE)
    if (jobs.length === 0) break
    await Promise.all(jobs.map(job => store.done(job, 'refreshed')))
  }
  await pass(3000)
  assert.ok(catalog.requests <= 10 * 3 + 3, `${catalog.requests} requests in 3 s`)
  await pass(20_000)
  for (const push of made) isAccepted(await of(push))
})

test('a ref that no catalog has holds up no other push: it is not asked for', async t => {
  const { catalog, one, push, place, of, pass } = open(t)
  const look = catalog.look.bind(catalog)
  catalog.look = async refs =>
    refs.some(ref => ref.includes('\0') || ref.length > 1000)
      ? { result: 'trouble', kind: 'down', reason: 'Backstage answered 500' }
      : look(refs)
  await one('nul', component('"a\\0"', 'one'))
  await one('long', component('b'.repeat(20_000), 'one'))
  await push('told', { [FILE]: component('c', 'one') }, ['component:default/c\0'])
  const other = await one('other', component('d', 'one'))
  catalog.read(place('other'), component('d', 'one'))
  await pass(4000)
  isAccepted(await of(other))
})

test('a GHES that limits us is left alone, and asked again later', async t => {
  const { catalog, one, place, of, pass, limit, contentsAsked } = open(t)
  limit(true)
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  for (const name of names) catalog.read(place(name), component(name, 'one'))
  const made = await Promise.all(names.map(name => one(name, component(name, 'one'))))
  await pass(10_000)
  assert.equal(contentsAsked(), 1)
  limit(false)
  await pass(52_000)
  for (const push of made) isAccepted(await of(push))
})

test('a file with a doubled key, which the catalog does not take, is not accepted for what it shows already', async t => {
  const { catalog, one, place, of, pass } = open(t)
  for (const doubled of ['kind: Component', 'annotations: { a: x, a: x }']) {
    catalog.read(place('a'), component('a', 'one'))
    const made = await one('a', `${component('a', 'one')}${doubled}\n`)
    await pass(62_000)
    assert.deepEqual(await of(made), { words: `${FILE}: nothing shows that the catalog has read it`, looksWrong: true })
  }
})

test('what two replicas have in hand is told by the one that leads, however long a look takes', async t => {
  const { catalog, one, place, of, pass, clock, store, startOther } = open(t)
  const made = await one('a', component('a', 'one'))
  startOther()
  catalog.read(place('a'), component('a', 'one'))
  const look = catalog.look.bind(catalog)
  let looking = 0
  let atOnce = 0
  catalog.look = async refs => {
    atOnce = Math.max(atOnce, ++looking)
    await new Promise<void>(resolve => clock.after(45_000, resolve))
    looking--
    return look(refs)
  }
  await pass(120_000)
  isAccepted(await of(made))
  assert.equal(atOnce, 1)
  const { history } = await stateOf(store, made)
  assert.equal(history.filter(({ step }) => step === 'catalog').length, 1)
})
