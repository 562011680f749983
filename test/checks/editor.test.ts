// dist/schemas/catalog-info.schema.json in a real editor's server: yaml-language-server, spoken to over stdio as VS Code does.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { editorSchema } from '../../scripts/build/editor-schema.ts'
import { ownKind } from '../../scripts/config/own-kinds.ts'

type Problem = { message: string; range: { start: { line: number; character: number } } }
type Message = { id?: number; method?: string; params?: unknown; result?: unknown }

const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-editor-'))
const schemaFile = join(folder, 'catalog-info.schema.json')
let server: ChildProcess
let rest = Buffer.alloc(0)
let lastId = 0
const answers = new Map<number, (result: unknown) => void>()
const published = new Map<string, (problems: Problem[]) => void>()

function send(message: object): void {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}

function request(method: string, params: object): Promise<unknown> {
  const id = ++lastId
  return new Promise(resolve => {
    answers.set(id, resolve)
    send({ id, method, params })
  })
}

function receive(message: Message): void {
  if (message.method === 'textDocument/publishDiagnostics') {
    const { uri, diagnostics } = message.params as { uri: string; diagnostics: Problem[] }
    published.get(uri)?.(diagnostics)
  } else if (message.method !== undefined && message.id !== undefined) {
    // What the server asks of an editor: its settings (none beyond those it was sent), or to register something.
    const items = (message.params as { items?: unknown[] } | undefined)?.items
    send({ id: message.id, result: items ? items.map((_, i) => (i === 0 ? settings().yaml : null)) : null })
  } else if (message.id !== undefined) answers.get(message.id)?.(message.result)
}

const settings = () => ({
  yaml: {
    schemas: { [pathToFileURL(schemaFile).href]: '*' },
    schemaStore: { enable: false },
    validate: true,
    completion: true,
    hover: true,
  },
})

/** With a kind of an organisation's own, and a rule of it for a known one. */
const own = [
  {
    properties: {
      kind: { const: 'Database' },
      apiVersion: { const: 'acme.com/v1' },
      spec: {
        type: 'object',
        required: ['engine'],
        properties: { engine: { enum: ['postgres'], description: 'What the database runs.' } },
      },
    },
  },
  {
    properties: {
      kind: { const: 'System' },
      spec: { properties: { type: { enum: ['product'], 'x-message': 'products only' } } },
    },
  },
]

before(async () => {
  writeFileSync(schemaFile, JSON.stringify(await editorSchema(await Promise.all(own.map(ownKind)))))
  const bin = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')
  server = spawn(process.execPath, [bin, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  server.stdout?.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const head = rest.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/.exec(rest.subarray(0, Math.max(0, head)).toString())?.[1])
      if (head === -1 || rest.length < head + 4 + length) return
      const body = rest.subarray(head + 4, head + 4 + length).toString()
      rest = rest.subarray(head + 4 + length)
      receive(JSON.parse(body))
    }
  })
  await request('initialize', { processId: process.pid, rootUri: null, capabilities: {} })
  send({ method: 'initialized', params: {} })
  send({ method: 'workspace/didChangeConfiguration', params: { settings: settings() } })
})

after(() => {
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const uriOf = (name: string) => pathToFileURL(join(folder, `${name}.yaml`)).href

/** Opens a file as an editor does; what the server says of it. */
function open(name: string, text: string): Promise<Problem[]> {
  return new Promise(resolve => {
    published.set(uriOf(name), resolve)
    send({
      method: 'textDocument/didOpen',
      params: { textDocument: { uri: uriOf(name), languageId: 'yaml', version: 1, text } },
    })
  })
}

const entity = (kind: string, spec: string, apiVersion = 'backstage.io/v1alpha1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: payments\n  tags: [java]\nspec:\n${spec}`

const good: Record<string, string> = {
  Component: entity(
    'Component',
    '  type: service\n  lifecycle: production\n  owner: team\n  dependsOn: [resource:db]\n',
  ),
  API: entity(
    'API',
    '  type: openapi\n  lifecycle: production\n  owner: team\n  definition:\n    $text: ./openapi.yaml\n',
  ),
  Resource: entity('Resource', '  type: database\n  owner: team\n'),
  System: entity('System', '  owner: team\n'),
  Domain: entity('Domain', '  owner: team\n'),
  Group: entity('Group', '  type: team\n  children: []\n'),
  User: entity('User', '  memberOf: [team]\n'),
  Location: entity('Location', '  targets: [./a.yaml]\n'),
  AiResource: entity('AiResource', '  type: prompt\n  lifecycle: production\n  owner: team\n'),
  'mcp-server API': entity(
    'API',
    '  type: mcp-server\n  lifecycle: production\n  owner: team\n  remotes:\n    - type: sse\n      url: https://mcp.example\n',
  ),
  'Component with empty annotations': entity(
    'Component',
    '  type: service\n  lifecycle: production\n  owner: team\n',
  ).replace('  tags:', '  annotations:\n  tags:'),
  "Database of the organisation's own": entity('Database', '  engine: postgres\n', 'acme.com/v1'),
  Template: entity(
    'Template',
    '  type: service\n  owner: team\n  steps:\n    - action: debug:log\n',
    'scaffolder.backstage.io/v1beta3',
  ),
}

for (const [kind, text] of Object.entries(good)) {
  test(`a good ${kind} has no problem`, async () => {
    assert.deepEqual(await open(`good-${kind.replaceAll(/\W/g, '-')}`, text), [])
  })
}

const bad: [name: string, text: string, line: number, message: RegExp][] = [
  ['a missing lifecycle', entity('Component', '  type: service\n  owner: team\n'), 5, /lifecycle/],
  ['an owner that is a number', entity('Component', '  type: service\n  lifecycle: x\n  owner: 5\n'), 8, /string/],
  ['a Group without children', entity('Group', '  type: team\n'), 5, /children/],
  ['a kind that is none', entity('Service', '  type: service\n'), 1, /Component/],
  ['an mcp-server without remotes', entity('API', '  type: mcp-server\n  lifecycle: x\n  owner: a\n'), 5, /remotes/],
  ['a kind of the organisation without its field', entity('Database', '  a: b\n', 'acme.com/v1'), 5, /engine/],
  ["a rule of the organisation's, in its words", entity('System', '  owner: a\n  type: x\n'), 7, /products only/],
  [
    'metadata of an own kind',
    entity('Database', '  engine: postgres\n', 'acme.com/v1').replace('[java]', 'java'),
    4,
    /array/,
  ],
  ['a field at the root', `${good['System']}labels: {}\n`, 7, /labels/],
]

for (const [name, text, line, message] of bad) {
  test(`${name} is one problem, in its place`, async () => {
    const problems = await open(`bad-${name.replaceAll(/\W/g, '-')}`, text)
    assert.equal(problems.length, 1, JSON.stringify(problems))
    assert.match(problems[0]?.message ?? '', message)
    assert.equal(problems[0]?.range.start.line, line, JSON.stringify(problems))
  })
}

test('completion offers the fields of the kind, and only those', async () => {
  const text = `${entity('Component', '  type: service\n')}  \n`
  await open('completion', text)
  const answer = await request('textDocument/completion', {
    textDocument: { uri: uriOf('completion') },
    position: { line: 7, character: 2 },
  })
  const { items } = answer as { items: { label: string }[] }
  const labels = items.map(({ label }) => label)
  for (const field of ['lifecycle', 'owner', 'system', 'dependsOn', 'providesApis'])
    assert.ok(labels.includes(field), labels.join())
  for (const field of ['memberOf', 'targets', 'children', 'steps']) assert.ok(!labels.includes(field), labels.join())
})

test('hover says what a field is', async () => {
  await open('hover', good['Component'] ?? '')
  const answer = await request('textDocument/hover', {
    textDocument: { uri: uriOf('hover') },
    position: { line: 7, character: 4 },
  })
  assert.match(JSON.stringify(answer), /lifecycle state/i)
})

const hoverAt = (name: string, line: number, character: number) =>
  request('textDocument/hover', { textDocument: { uri: uriOf(name) }, position: { line, character } })

test('hover knows own kinds, metadata and kinds', async () => {
  await open('hover-own', good["Database of the organisation's own"] ?? '')
  assert.match(JSON.stringify(await hoverAt('hover-own', 6, 4)), /What the database runs/)
  assert.match(JSON.stringify(await hoverAt('hover-own', 3, 4)), /name of the entity/i)
  assert.match(JSON.stringify(await hoverAt('hover-own', 1, 1)), /What this entity is/)
})

test('completion of a kind offers them all, and of an own field its values', async () => {
  await open('completion-kind', 'apiVersion: backstage.io/v1alpha1\nkind: \n')
  const at = async (name: string, line: number, character: number) => {
    const position = { line, character }
    const answer = await request('textDocument/completion', { textDocument: { uri: uriOf(name) }, position })
    return (answer as { items: { label: string }[] }).items.map(({ label }) => label)
  }
  const kinds = await at('completion-kind', 1, 6)
  for (const kind of ['Component', 'API', 'AiResource', 'Template', 'Database'])
    assert.ok(kinds.includes(kind), kinds.join())
  await open('completion-own', entity('Database', '  engine: \n', 'acme.com/v1'))
  assert.deepEqual(await at('completion-own', 6, 10), ['postgres'])
})
