// What becomes of what was found: enforce, warn and off, rules, the bypass, limits of what is printed.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PAUSE_FILE, writePause } from '../../../schemas/pause.ts'
import { isInTesting, STAGE_FILE, writeStage } from '../../../schemas/stage.ts'
import { BAD, buildInto, component, GOOD } from '../built-hook.ts'
import { ACCEPTED_WITH, assertQuiet, assertRefused, assertSays, REFUSED, usePushFixture } from '../push/push-fixture.ts'

const fixture = usePushFixture()

const WOULD_REFUSE =
  /^warning: the gate is in testing; once it is enforced, it will refuse a push like this: 1 problem in catalog-info\.yaml$/m

const DATES = { past: '2020-01-01', future: '2999-01-01' }

test('enforce.defaultBranch and enforce.otherBranches', async () => {
  const own = await buildInto(fixture.host.directory, 'turned', {
    enforce: { defaultBranch: 'warn', otherBranches: 'enforce' },
  })
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
  assertSays(await copy.change({ 'catalog-info.yaml': BAD }), ACCEPTED_WITH, /\[name-format\]/)
  await copy.write('catalog-info.yaml', component('b c'))
  await copy.commit()
  assertRefused(await copy.push({ refs: ['HEAD:topic'] }))
})

test('paused: a file beside the hook, whatever stands in it, and nothing is refused until it goes', async () => {
  const folder = join(fixture.host.directory, 'paused')
  mkdirSync(folder)
  const own = await buildInto(folder, 'catalog-gate')
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertRefused(await copy.push())
  const file = join(folder, PAUSE_FILE)
  let written = 0
  const accepted = async (said: RegExp) => {
    const push = await copy.push()
    assertSays(push, said, ACCEPTED_WITH, /\[name-format\]/)
    assert.doesNotMatch(push.remote, /will refuse/)
    await copy.write('catalog-info.yaml', component(`c ${++written}`))
    await copy.commit()
  }
  writeFileSync(file, writePause({ by: 'mona', at: '2026-11-27T20:05:01Z', reason: 'good files\u001b[31m, ABC-1' }))
  await accepted(
    /^warning: catalog-gate is paused, and refuses nothing \(mona, since 2026-11-27T20:05Z: good files\S+, ABC-1\)$/m,
  )
  writeFileSync(file, 'no JSON')
  await accepted(/^warning: catalog-gate is paused, and refuses nothing \(somebody\)$/m)
  rmSync(file)
  mkdirSync(file)
  await accepted(/is paused/)
  // What is right hears nothing of it.
  assertQuiet(await copy.change({ 'catalog-info.yaml': GOOD }))
  rmSync(file, { recursive: true })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertRefused(await copy.push())
})

test('in testing, as the file beside the hook has it: what would happen, and nowhere "not accepted"', async () => {
  const folder = join(fixture.host.directory, 'staged')
  mkdirSync(folder)
  const own = await buildInto(folder, 'catalog-gate')
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const file = join(folder, STAGE_FILE)
  for (const stage of [
    { everywhere: 'testing', scopes: { other: 'enabled' } },
    { everywhere: 'enabled', scopes: { acme: 'testing' } },
  ] as const) {
    writeFileSync(file, writeStage(stage))
    const push = await copy.push()
    assert.match(push.remote, WOULD_REFUSE)
    assert.match(push.remote, /: error: .* \[name-format\]$/m)
    assert.doesNotMatch(push.remote, /not accepted|bypass/)
    assert.equal(push.exitCode, 1)
  }
  writeFileSync(file, writeStage({ everywhere: 'testing', scopes: { acme: 'enabled' } }))
  assertRefused(await copy.push())
  writeFileSync(file, 'no JSON')
  assertRefused(await copy.push())
  const stage = writeStage({ everywhere: 'disabled', scopes: { acme: 'enabled', 'acme/web': 'testing' } })
  const repositories = ['Acme/Web', 'acme/api', 'other/web', '']
  assert.deepEqual(
    repositories.filter(one => isInTesting(stage, one)),
    ['Acme/Web'],
  )
})

test('off says nothing', async () => {
  const own = await buildInto(fixture.host.directory, 'off', {
    enforce: { defaultBranch: 'off', otherBranches: 'off' },
  })
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
  assertQuiet(await copy.change({ 'catalog-info.yaml': BAD }))
  assertQuiet(await copy.push({ refs: ['HEAD:topic'] }))
})

test('enforce.repositories: the first match that is not over counts', async () => {
  const own = await buildInto(fixture.host.directory, 'lists', {
    enforce: {
      repositories: [
        { match: 'acme/legacy-*', mode: 'off', until: DATES.past },
        { match: 'ACME/legacy-*', mode: 'warn', until: DATES.future },
        { match: 'acme/*', mode: 'enforce' },
        { match: '**', mode: 'off' },
      ],
    },
  })
  const outcome = async (fullName: string, refs: string[]) => {
    const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own, fullName })
    await copy.write('catalog-info.yaml', BAD)
    await copy.commit()
    const push = await copy.push({ refs })
    return REFUSED.test(push.remote) ? 'refused' : ACCEPTED_WITH.test(push.remote) ? 'warned' : 'quiet'
  }
  assert.equal(await outcome('acme/legacy-one', ['HEAD:main']), 'warned')
  assert.equal(await outcome('acme/new', ['HEAD:topic']), 'refused')
  assert.equal(await outcome('other/one', ['HEAD:main']), 'quiet')
})

test('a rule turned down, and one turned off', async () => {
  const own = await buildInto(fixture.host.directory, 'rules', {
    enforce: { rules: { 'name-format': 'warning', 'tag-format': 'off' } },
  })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: own })
  const tagged = GOOD.replace('  name: payments', '  name: payments\n  tags: [Java]')
  assertQuiet(await copy.change({ 'catalog-info.yaml': tagged }))
  assertSays(await copy.change({ 'catalog-info.yaml': BAD }), /accepted with 1 problem/)
})

test('the bypass: with its reason, without, quoted, among others, switched off', async () => {
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  for (const pushOptions of [
    ['catalog-gate.skip'],
    ['catalog-gate.skip='],
    ['catalog-gate.skip=""'],
    ['catalog-gate.skip=  '],
  ]) {
    assertRefused(
      await copy.push({ pushOptions }),
      "hint: a bypass needs its reason: git push -o catalog-gate.skip='why'",
    )
  }
  assertRefused(await copy.push({ pushOptions: ['catalog-gate.skipper=why'] }))
  const others = ['ci.skip', 'a=b', 'catalog-gate.skip="the catalog = down\u001b[31m"']
  const push = await copy.push({ pushOptions: others, refs: ['HEAD:main', 'HEAD:topic'] })
  assertSays(push, /^warning: catalog-gate was bypassed: the catalog = down\\u001b\[31m$/m)
  assertSays(push, /^catalog-info.yaml:4:9: warning: on main and topic: name /m)
  assert.ok(await repository.ref('refs/heads/topic'))
  // What was let through is older than the next push.
  assertRefused(await copy.change({ 'catalog-info.yaml': `${BAD}# again\n` }), '\nit was there before this push\n')
  const strict = await buildInto(fixture.host.directory, 'no-bypass', { enforce: { bypass: false } })
  await repository.installHooks([strict])
  await copy.write('catalog-info.yaml', component('c d'))
  await copy.commit()
  const refused = await copy.push({ pushOptions: ['catalog-gate.skip=why'] })
  assertRefused(refused)
  assert.doesNotMatch(refused.remote, /before this push/)
  assert.doesNotMatch(refused.remote, /bypass/)
})

test('a bypass of an own name whose reason is optional', async () => {
  const own = await buildInto(fixture.host.directory, 'easy', {
    enforce: { bypass: { pushOption: 'force', reason: 'optional' } },
  })
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: own })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  assertSays(await copy.push({ pushOptions: ['force'] }), /bypassed: no reason given/)
})

test('a change in the web page gets a short text, without frames and push options', async () => {
  const { copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD })
  await copy.write('catalog-info.yaml', BAD)
  await copy.commit()
  const push = await copy.push({ via: 'blob#save' })
  assertRefused(push, 'catalog-info.yaml:4:9')
  assert.doesNotMatch(push.remote, /\^|\||push -o/)
})

test('problems beyond limits.problems are counted, help is shown', async () => {
  const own = await buildInto(fixture.host.directory, 'capped', {
    limits: { problems: 2 },
    help: { url: 'https://wiki.example/checks', footer: 'Ask #platform.', fixCommand: 'npx gate check --fix' },
  })
  const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: own })
  const files = Object.fromEntries(['a', 'b', 'c', 'd'].map(name => [`${name}/catalog-info.yaml`, BAD]))
  const push = await copy.change(files)
  assertRefused(
    push,
    '4 problems in 4 files',
    '\nand 2 more\n',
    'https://wiki.example/checks#name-format',
    '\nAsk #platform.\nhint: this command corrects 1 of 4: npx gate check --fix',
  )
  assert.equal(push.remote.match(/\[name-format\]/g)?.length, 2)
})

test('catalog-validate does the same; catalog-notify never refuses', async () => {
  const validate = await buildInto(fixture.host.directory, 'catalog-validate', {}, 'catalog-validate')
  const notify = await buildInto(fixture.host.directory, 'catalog-notify', {}, 'catalog-notify')
  const { repository, copy } = await fixture.seeded({ 'catalog-info.yaml': GOOD }, { hook: validate })
  assertRefused(await copy.change({ 'catalog-info.yaml': BAD }))
  await repository.installHooks([notify])
  assertQuiet(await copy.push())
})
