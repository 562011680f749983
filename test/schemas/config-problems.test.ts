// What is wrong in hook.yaml, install.yaml or relay.yaml, or in a message to the relay, is said in words, and never in the validator's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import verdictsSchema from '../../schemas/catalog-verdicts.schema.json' with { type: 'json' }
import {
  catalogVerdicts,
  hookConfig,
  installConfig,
  lookupRequest,
  pushNotification,
  relayConfig,
} from '../../schemas/compiled/own.mjs'
import { configProblems, messageProblem } from '../../schemas/config-problems.ts'
import hookSchema from '../../schemas/hook-config.schema.json' with { type: 'json' }
import installSchema from '../../schemas/install-config.schema.json' with { type: 'json' }
import lookupSchema from '../../schemas/lookup-request.schema.json' with { type: 'json' }
import pushSchema from '../../schemas/push-notification.schema.json' with { type: 'json' }
import relaySchema from '../../schemas/relay-config.schema.json' with { type: 'json' }

/** Every text of another form, too short or too long, every number beyond its limits. */
const wrong = {
  hook: `
catalog: { files: [], placeholders: ['a b', ''], kinds: [''], ignore: ['', 3],
  rules: [{ allow: ['a b', { kind: 'x y' }], locations: [{ type: '', exact: 1, pattern: '' }] }] }
enforce: { repositories: [{ match: '', mode: x, until: 2027 }], bypass: { pushOption: '-x', reason: a }, rules: { a: x } }
limits: { timeMs: 1, fileBytes: 1, files: 0, problems: 0 }
help: { url: x, footer: ${'x'.repeat(600)}, fixCommand: "a\\nb" }
relay: { url: 'https://x/y', secretFile: '', caFile: '', waitMs: -1, lookupMs: -1 }`,
  install: `
ghe: { apiBaseUrl: x, token: { $file: '' }, caFile: '' }
hooks: { repository: x, from: '', visibility: secret }
hook: { name: '', script: '-x' }
environment: { name: 'a b', imageUrl: x, file: '', sha256: x }
rollout: [{ name: 'a b', everywhere: false, organizations: ['a/b'], repositories: ['x'] }]
exempt: { organizations: ['a b'], repositories: ['a'] }`,
  relay: `
listen: x
admin: 3
secrets: { hook: [''], admin: '' }
ghe: { host: 'a b', apiBaseUrl: x, token: '', caFile: '' }
backstage: { baseUrl: x, token: {}, refreshesPerSecond: 0, locations: [''], caFile: '' }
store: ''
landing: { firstCheckMs: -1, giveUpAfter: x }
retry: { firstMs: 0, maxMs: 0, giveUpAfter: x }
reconcile: { organizations: ['a b'], every: x }`,
}

test('no problem is told in the words of the validator', () => {
  const problems = [
    ...configProblems(hookConfig, hookSchema, parse(wrong.hook)),
    ...configProblems(installConfig, installSchema, parse(wrong.install)),
    ...configProblems(installConfig, installSchema, { rollout: [] }),
    ...configProblems(relayConfig, relaySchema, parse(wrong.relay)),
  ]
  assert.ok(problems.length > 60, problems.join('\n'))
  const inOurWords = /: (missing|unknown setting|expected)\b/
  assert.deepEqual(
    problems.filter(problem => !inOurWords.test(problem) || problem.includes('must ')),
    [],
  )
})

const sha = 'a'.repeat(40)
/** As each of them is sent, with every field. */
const messages = [
  [
    pushNotification,
    pushSchema,
    {
      ...{ version: 1, repository: 'acme/a', ref: 'refs/heads/main', before: sha, after: sha, defaultBranch: true },
      ...{ pusher: 'octocat', bypass: 'why', verdict: { errors: 0, warnings: 0, first: 'x' }, test: true },
      ...{ part: { number: 1, of: 2 }, blobs: { 'a.yaml': sha } },
      files: [{ path: 'a.yaml', change: 'added', entities: ['component:default/a'], references: ['b.yaml'] }],
    },
  ],
  [
    catalogVerdicts,
    verdictsSchema,
    {
      ...{ version: 1, busy: 0.5 },
      verdicts: [
        {
          ...{ location: 'url:https://x', entity: 'component:default/a', result: 'refused', errors: ['e'] },
          ...{ heldBy: 'url:https://y', at: '2027-01-31T08:00:00Z', blob: sha, of: 1 },
        },
      ],
    },
  ],
  [
    lookupRequest,
    lookupSchema,
    {
      ...{ version: 1, repository: 'acme/a', ref: 'refs/heads/main' },
      ...{ entities: [{ ref: 'component:default/a', path: 'a.yaml' }], references: ['group:default/b'] },
    },
  ],
] as const

const WRONG: readonly unknown[] = [
  ...[undefined, null, '', ' ', 'x'.repeat(20_000), -1, 1.5, 1e9, true, {}, []],
  ...[Array.from({ length: 6000 }, () => 'x'), Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [i, sha]))],
]

/** The message with each of its values replaced. */
function* changed(value: unknown): Generator<unknown> {
  yield* WRONG
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    for (const other of changed(inner))
      yield Array.isArray(value) ? value.map((one, i) => (String(i) === key ? other : one)) : { ...value, [key]: other }
}

test('of a message each field that is missing, of another type, too short or too long is told with what was expected and found', () => {
  const told = messages.flatMap(([validate, schema, message]) => {
    assert.equal(messageProblem(validate, schema, message), undefined)
    return [...changed(message)].flatMap(wrong => messageProblem(validate, schema, wrong) ?? [])
  })
  assert.ok(told.length > 300, String(told.length))
  const inOurWords = /^(the body|[\w.-]+(\[\d+\])?)(\.[\w.]+(\[\d+\])?)*: expected [^;]+; found [^;]+$/
  assert.deepEqual(
    told.filter(
      one =>
        !inOurWords.test(one) ||
        /must |another form|undefined|\[object|(a map|a list); found \1|a string; found "/.test(one) ||
        one.length > 300,
    ),
    [],
  )
})
