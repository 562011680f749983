// What is wrong in hook.yaml, install.yaml or relay.yaml is said in words, and never in the validator's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { hookConfig, installConfig, relayConfig } from '../../schemas/compiled/own.mjs'
import { configProblems } from '../../schemas/config-problems.ts'
import hookSchema from '../../schemas/hook-config.schema.json' with { type: 'json' }
import installSchema from '../../schemas/install-config.schema.json' with { type: 'json' }
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
