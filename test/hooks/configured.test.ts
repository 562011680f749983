// What the configuration decides: which files, which mode, until when; and the small parts that keep time and find the relay.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { pathInRepository } from '../../hooks/catalog/repository-path.ts'
import { catalogNames } from '../../hooks/config/catalog-names.ts'
import { startDeadline } from '../../hooks/config/deadline.ts'
import { type HookConfig, modeFor } from '../../hooks/config/hook-config.ts'
import { addressOf } from '../../hooks/notify/address.ts'
import { messagesFor } from '../../hooks/notify/message.ts'
import { newMessageId, sign as signByHook } from '../../hooks/notify/signing.ts'
import { runGuarded } from '../../hooks/run/time-limit.ts'
import { pushNotification } from '../../schemas/compiled/own.mjs'
import { sign } from '../../schemas/signature.ts'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'

function baked(config: unknown = {}): HookConfig & { pathspecs: string[] } {
  const result = bakeHookConfig(config)
  if (result.result === 'wrong') throw new Error(result.problems.join('\n'))
  return { ...result.config, pathspecs: result.config.catalog.pathspecs.candidates }
}

suite('which files', () => {
  const rows: [string, boolean][] = [
    ['catalog-info.yaml', true],
    ['a/b/c/catalog-info.yml', true],
    ['.backstage/catalog-info.yaml', true],
    ['a\nb/catalog-info.yaml', true],
    ['xcatalog-info.yaml', false],
    ['catalog-info.yaml/x', false],
    ['catalog-info.yaml.bak', false],
    ['Catalog-Info.yaml', false],
    ['skeleton/catalog-info.yaml', false],
    ['a/skeleton/b/catalog-info.yaml', false],
    ['node_modules/a/catalog-info.yaml', false],
    ['my-skeleton/catalog-info.yaml', true],
    ['a\n/skeleton/catalog-info.yaml', false],
  ]
  const { isCatalogPath } = catalogNames(baked().catalog)
  for (const [path, expected] of rows)
    test(`${JSON.stringify(path)}: ${expected}`, () => assert.equal(isCatalogPath(path), expected))

  test('globs of an own, with braces, one star, a leading dot', () => {
    const config = baked({
      catalog: { files: ['catalog/*.yaml', '{a,b}/**/entity.yml', '.x/?.yaml'], ignore: ['**/*-draft.yaml'] },
    })
    const { isCatalogPath: is, isIgnored } = catalogNames(config.catalog)
    assert.deepEqual(['catalog/x.yaml', 'catalog/.x.yaml', 'b/entity.yml', 'a/x/y/entity.yml', '.x/1.yaml'].map(is), [
      true,
      true,
      true,
      true,
      true,
    ])
    assert.deepEqual(['catalog/a/x.yaml', 'c/entity.yml', 'catalog/x-draft.yaml', 'x/catalog/x.yaml'].map(is), [
      false,
      false,
      false,
      false,
    ])
    assert.equal(isIgnored('deep/er/x-draft.yaml'), true)
  })

  test('the pathspecs of the prelude: all YAML when Locations are followed, else the globs, and everything for what git cannot say', () => {
    assert.deepEqual(baked().pathspecs, [':(top)*.yaml', ':(top)*.yml'])
    const catalog = { followLocations: false, files: ['**/catalog-info.yaml', '{a,b}/x.yaml'] }
    assert.deepEqual(baked({ catalog }).pathspecs, [':(top,glob)**/catalog-info.yaml', ':(top)*'])
    assert.deepEqual(baked({ catalog: { files: ['catalog/*.json'] } }).pathspecs, [
      ':(top)*.yaml',
      ':(top)*.yml',
      ':(top,glob)catalog/*.json',
    ])
    const QUOTED = ['json', 'yaml', 'yml', 'graphql', 'graphqls', 'gql', 'proto', 'wsdl', 'xsd', 'avsc', 'raml']
    const quotedWith = (catalog: object) => baked({ catalog }).catalog.pathspecs.quoted
    assert.deepEqual(
      quotedWith({}),
      QUOTED.map(end => `:(top,icase)*.${end}`),
    )
    assert.deepEqual(quotedWith({ followLocations: false }), [])
    const asideWith = (...files: string[]) => baked({ catalog: { files } }).catalog.pathspecs.aside
    assert.deepEqual(asideWith('**/catalog-info.{yaml,yml}'), [':(top)*catalog-info.yaml', ':(top)*catalog-info.yml'])
    assert.deepEqual(asideWith('**/*.catalog.yaml', 'x/*.{yaml,yml}'), [
      ':(top,glob)**/*.catalog.yaml',
      ...['yaml', 'yml', 'json'].map(end => `:(top,icase)*.${end}`),
    ])
  })
})

suite('which mode', () => {
  const { enforce } = {
    enforce: {
      repositories: [
        { match: 'acme/old-*', mode: 'off', until: '2026-06-01' },
        { match: '*/legacy', mode: 'warn' },
        { match: 'acme/*', mode: 'enforce' },
        { match: 'tools/**', mode: 'off' },
      ],
    },
  }
  const config = baked({ enforce })
  const rows: [string, boolean, string, string][] = [
    ['acme/old-one', true, '2026-05-31', 'off'],
    ['acme/old-one', true, '2026-06-01', 'enforce'],
    ['acme/old-one', false, '2026-06-02', 'enforce'],
    ['ACME/Old-One', true, '2026-05-31', 'off'],
    ['other/legacy', true, '2026-01-01', 'warn'],
    ['other/legacy2', true, '2026-01-01', 'enforce'],
    ['other/legacy2', false, '2026-01-01', 'warn'],
    ['tools/x', true, '2026-01-01', 'off'],
    ['acme/.github', false, '2026-01-01', 'enforce'],
    ['', true, '2026-01-01', 'enforce'],
  ]
  for (const [repository, isDefault, today, mode] of rows) {
    test(`${repository || '(unknown)'} on ${isDefault ? 'its default' : 'another'} branch on ${today}: ${mode}`, () => {
      assert.equal(modeFor(config, repository, isDefault, today), mode)
    })
  }
})

suite('time', () => {
  test('what was spent before is taken off, and nothing is less than nothing', () => {
    let now = 1000
    const deadline = startDeadline(500, 200, () => now)
    assert.equal(deadline.leftMs(), 300)
    now = 1299
    assert.equal(deadline.isOver(), false)
    now = 5000
    assert.equal(deadline.leftMs(), 0)
    assert.equal(deadline.isOver(), true)
  })

  test('guarded work: done, stopped, or its own error', () => {
    let steps = 0
    assert.equal(
      runGuarded(() => steps++, 1000),
      'done',
    )
    const endless = () => {
      for (;;) steps++
    }
    assert.equal(runGuarded(endless, 20), 'out of time')
    assert.ok(steps > 1)
    assert.throws(
      () =>
        runGuarded(() => {
          throw new RangeError('own')
        }, 1000),
      /^RangeError: own$/,
    )
  })
})

suite('the relay', () => {
  test('addresses that need no look-up', async () => {
    for (const [host, address] of [
      ['10.0.0.5', '10.0.0.5'],
      ['[::1]', '::1'],
      ['[fe80::1]', 'fe80::1'],
    ] as const) {
      assert.equal(await addressOf(host, 1), address)
    }
  })

  test('the hook signs messages as the wire contract says, for any bytes', () => {
    for (let length = 0; length < 200; length += 13) {
      const body = Buffer.from(Array.from({ length }, (_, i) => (i * 131 + length) % 256))
      const key = Buffer.alloc(24 + (length % 41), length)
      assert.equal(signByHook(key, 'msg_x', 1_790_000_000, body), sign(key, 'msg_x', 1_790_000_000, body))
    }
  })

  for (const [where, device] of [
    ['from the device', '/dev/urandom'],
    ['in a jail without one', '/nowhere/urandom'],
    ['where it gives too little', '/dev/null'],
  ]) {
    test(`a message has an id of its own, ${where}`, () => {
      const made = Array.from({ length: 1000 }, () => newMessageId(device))
      assert.equal(new Set(made).size, 1000)
      for (const id of made) assert.match(id, /^msg_[0-9a-f]{32}$/)
    })
  }

  const update = {
    repository: 'acme/a',
    ref: 'refs/heads/main',
    before: '0'.repeat(40),
    after: '1'.repeat(40),
    isDefaultBranch: true,
    pusher: 'mona',
  }
  test('messages are within the bounds of their schema, whatever is in the files, and name them all', () => {
    const entities = Array.from({ length: 2000 }, (_, i) => `component:default/${i}`)
    for (const files of [
      [{ path: 'a', change: 'added' as const, entities: [...entities, `component:default/${'x'.repeat(5000)}`] }],
      [{ path: 'a', change: 'added' as const, references: [`${'x/'.repeat(3000)}y`] }],
      Array.from({ length: 6000 }, (_, i) => ({
        path: `${i}/catalog-info.yaml`,
        change: 'modified' as const,
        entities: ['component:default/x'],
      })),
      Array.from({ length: 40 }, (_, i) => ({ path: `${i}/${'é'.repeat(2000)}`, change: 'removed' as const })),
    ]) {
      const messages = messagesFor({ ...update, files })
      for (const { push, body } of messages) {
        assert.equal(pushNotification(push), true, JSON.stringify(pushNotification.errors))
        assert.ok(body.length <= 64 * 1024, `${body.length} bytes`)
        assert.deepEqual(JSON.parse(body.toString('utf8')), push)
      }
      const paths = (named: { path: string }[]) => named.map(({ path }) => path)
      assert.deepEqual(paths(messages.flatMap(({ push }) => push.files)), paths(files))
      const of = messages.length
      assert.deepEqual(
        messages.map(({ push }) => push.part),
        of === 1 ? [undefined] : messages.map((_, i) => ({ number: i + 1, of })),
      )
    }
  })

  test('paths that are no UTF-8 may be one text: named once, with all that is in them', () => {
    const path = 'caf\ufffd/catalog-info.yaml'
    const file = (change: 'added' | 'removed', name: string, blob: string) => ({
      ...{ path, change, blob, entities: [name], references: ['a.yaml'] },
    })
    const [message, ...others] = messagesFor({ ...update, files: [file('added', 'x', '1'), file('removed', 'y', '2')] })
    assert.deepEqual([others, message?.push.blobs], [[], undefined])
    assert.deepEqual(message?.push.files, [{ path, change: 'modified', entities: ['x', 'y'], references: ['a.yaml'] }])
  })

  test('a push of 1,500 files keeps all it says of them; one of 60,000 says of how many messages the first 32 are', () => {
    const file = (i: number) => ({
      path: `services/${i}/catalog-info.yaml`,
      change: 'modified' as const,
      blob: String(i).padStart(40, '0'),
      entities: [`component:default/service-${i}`],
    })
    const many = (length: number) => messagesFor({ ...update, files: Array.from({ length }, (_, i) => file(i)) })
    const told = many(1500).map(({ push }) => push)
    assert.ok(told.length < 10)
    assert.equal(Object.keys(Object.assign({}, ...told.map(({ blobs }) => blobs))).length, 1500)
    assert.ok(told.every(({ files }) => files.every(({ entities }) => entities?.length === 1)))
    const cut = many(60_000)
    assert.equal(cut.length, 32)
    assert.ok((cut[0]?.push.part?.of ?? 0) > 32)
    assert.ok(cut.every(({ push, body }) => body.length <= 64 * 1024 && push.blobs === undefined))
  })

  test('paths that a file names', () => {
    const rows: [string, string, string | undefined][] = [
      ['catalog-info.yaml', './openapi.yaml', 'openapi.yaml'],
      ['a/b/catalog-info.yaml', '../x.yaml', 'a/x.yaml'],
      ['a/catalog-info.yaml', '/x.yaml', 'x.yaml'],
      ['catalog-info.yaml', '../x.yaml', undefined],
      ['catalog-info.yaml', 'https://example.com/x', undefined],
      ['catalog-info.yaml', '', undefined],
      ['a/catalog-info.yaml', '..', undefined],
    ]
    for (const [from, target, expected] of rows)
      assert.equal(pathInRepository(from, target), expected, `${from} ${target}`)
  })
})
