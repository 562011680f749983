// hook.yaml: what may be in it, and every mistake in words that name the setting and what was expected.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'

const relay = { url: 'https://10.0.0.5:8443', secretFile: 'relay.secret' }

function baked(written: unknown) {
  const result = bakeHookConfig(written)
  if (result.result === 'wrong') throw new Error(result.problems.join('\n'))
  return result.config
}

function problems(written: unknown): string[] {
  const result = bakeHookConfig(written)
  return result.result === 'wrong' ? result.problems : []
}

suite('what an installation has', () => {
  test('left out: placeholders of Backstage and its openapi module, owners not known, docs built here, no rules', () => {
    const { placeholders, ownerFrom, techdocs, rules } = baked({}).catalog
    assert.deepEqual(placeholders, ['text', 'json', 'yaml', 'openapi', 'asyncapi'])
    assert.equal(ownerFrom, undefined)
    assert.equal(techdocs, 'local')
    assert.deepEqual(rules, [])
  })

  test('as written, rules in the form of app-config.yaml', () => {
    const catalog = {
      placeholders: ['text', 'json', 'yaml', 'topic', 'acme.io/x'],
      ownerFrom: 'codeowners',
      techdocs: 'external',
      rules: [
        { allow: ['Component', { kind: 'Resource', 'spec.type': 'database' }] },
        { allow: ['User'], locations: [{ type: 'url', exact: 'https://ghe.test/acme/org/blob/main/users.yaml' }] },
        { allow: ['Group'], locations: [{ type: 'url', pattern: 'https://ghe.test/acme/**' }, { type: 'file' }] },
        { allow: [] },
      ],
    }
    const {
      files: _files,
      ignore: _ignore,
      baseNames: _names,
      hasWildNames: _wild,
      pathspecs: _pathspecs,
      followLocations: _follow,
      profile: _profile,
      ...rest
    } = baked({ catalog }).catalog
    assert.deepEqual(rest, catalog)
  })

  test('the whole of hook.yaml as it may be written', () => {
    const { help, relay: told } = baked({
      help: { fixCommand: 'npx catalog-gate check --fix' },
      relay: { ...relay, lookupMs: 0 },
    })
    assert.deepEqual(help, { url: '', footer: '', fixCommand: 'npx catalog-gate check --fix' })
    assert.deepEqual(told, { ...relay, waitMs: 50, lookupMs: 0 })
    assert.equal(baked({ relay }).relay?.lookupMs, 100)
    assert.equal(baked({}).help.fixCommand, '')
  })
})

suite('mistakes', () => {
  const rows: [written: unknown, problem: string][] = [
    [{ catalog: { placeholder: ['text'] } }, 'catalog.placeholder: unknown setting; did you mean "placeholders"?'],
    [
      { catalog: { placeholders: ['text', '$openapi'] } },
      'catalog.placeholders[1]: expected: the name of a placeholder without its "$", such as openapi',
    ],
    [{ catalog: { placeholders: 'text' } }, 'catalog.placeholders: expected a list'],
    [{ catalog: { ownerFrom: 'CODEOWNERS' } }, 'catalog.ownerFrom: expected none or codeowners'],
    [{ catalog: { techDocs: 'local' } }, 'catalog.techDocs: unknown setting; did you mean "techdocs"?'],
    [{ catalog: { techdocs: 'none' } }, 'catalog.techdocs: expected local or external'],
    [
      { catalog: { rules: [{ alow: ['API'] }] } },
      'catalog.rules[0].allow: missing\ncatalog.rules[0].alow: unknown setting; did you mean "allow"?',
    ],
    [
      { catalog: { rules: [{ allow: [7] }] } },
      'catalog.rules[0].allow[0]: expected: a kind, such as Component, or { kind: Resource, spec.type: database }',
    ],
    [
      { catalog: { rules: [{ allow: ['User '] }] } },
      'catalog.rules[0].allow[0]: expected: a kind, such as Component, or { kind: Resource, spec.type: database }',
    ],
    [
      { catalog: { rules: [{ allow: [{ kind: 'Resource', type: 'x' }] }] } },
      'catalog.rules[0].allow[0].type: unknown setting; known here: kind, spec.type',
    ],
    [
      { catalog: { rules: [{ allow: ['User'], locations: [{ exact: 'https://x' }] }] } },
      'catalog.rules[0].locations[0].type: missing',
    ],
    [
      { catalog: { rules: [{ allow: ['User'], locations: [{ type: 'url', exact: 'a', pattern: 'b' }] }] } },
      'catalog.rules[0].locations[0]: expected: "exact" or "pattern", not both',
    ],
    [{ help: { fixcommand: 'x' } }, 'help.fixcommand: unknown setting; did you mean "fixCommand"?'],
    [
      { help: { fixCommand: 'a\nb' } },
      'help.fixCommand: expected: a command on one line of at most 200 characters, such as npx catalog-gate check --fix',
    ],
    [{ help: { url: 'wiki/checks' } }, 'help.url: expected: an address such as https://wiki.example/checks'],
    [{ relay: { ...relay, lookupMs: 5000 } }, 'relay.lookupMs: expected: a whole number, 0 to 1000 (milliseconds)'],
    [
      { relay: { ...relay, url: 'https://relay/path' } },
      'relay.url: expected: an address without path, such as https://10.0.0.5:8443',
    ],
    [{ limits: { timeMs: 5000 } }, 'limits.timeMs: expected: a whole number, 200 to 4500 (milliseconds)'],
    [
      { enforce: { bypass: { pushOption: '-x' } } },
      'enforce.bypass.pushOption: expected: letters, digits, ".", "_" and "-", a letter or digit first',
    ],
    [
      { enforce: { bypass: { reasons: 'required' } } },
      'enforce.bypass.reasons: unknown setting; did you mean "reason"?',
    ],
    [
      { enforce: { bypass: true } },
      'enforce.bypass: expected: false, or { pushOption: catalog-gate.skip, reason: required }',
    ],
    [
      { enforce: { repositories: [{ match: 'a', mode: 'off', until: 'May' }] } },
      'enforce.repositories[0].until: expected: a date such as 2027-01-31',
    ],
  ]
  for (const [written, problem] of rows) test(problem, () => assert.equal(problems(written).join('\n'), problem))
})
