// yaml-language-server over stdio, as VS Code speaks to it: what an editor shows of a file, with a schema for every YAML file.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** `source` begins with "yaml-schema" where the schema says it, and not YAML. */
export type Problem = {
  message: string
  source?: string
  range: { start: { line: number; character: number } }
}
type Message = { id?: number; method?: string; params?: unknown; result?: unknown }

export type LanguageServer = {
  /** Opens a file of this name, and gives what the server says of it. */
  open: (name: string, text: string) => Promise<Problem[]>
  /** Labels that are offered in an open file; lines and columns count from 0. */
  complete: (name: string, line: number, character: number) => Promise<string[]>
  hover: (name: string, line: number, character: number) => Promise<string>
  stop: () => void
}

/** One server; `schema` is written into a folder of its own, which `stop` removes. */
export async function startLanguageServer(schema: unknown): Promise<LanguageServer> {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-editor-'))
  const schemaFile = join(folder, 'catalog-info.schema.json')
  writeFileSync(schemaFile, JSON.stringify(schema))
  const settings = {
    yaml: {
      schemas: { [pathToFileURL(schemaFile).href]: '*' },
      schemaStore: { enable: false },
      validate: true,
      completion: true,
      hover: true,
    },
  }
  const bin = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')
  const server = spawn(process.execPath, [bin, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const published = new Map<string, (problems: Problem[]) => void>()
  const { request, send } = connect(server, {
    'textDocument/publishDiagnostics': params => {
      const { uri, diagnostics } = params as { uri: string; diagnostics: Problem[] }
      published.get(uri)?.(diagnostics)
    },
    // What the server asks of an editor: its settings, none beyond those it was sent.
    'workspace/configuration': params =>
      (params as { items: unknown[] }).items.map((_, i) => (i === 0 ? settings.yaml : null)),
  })
  const uriOf = (name: string) => pathToFileURL(join(folder, `${name}.yaml`)).href
  const at = (name: string, line: number, character: number) => ({
    textDocument: { uri: uriOf(name) },
    position: { line, character },
  })
  await request('initialize', { processId: process.pid, rootUri: null, capabilities: {} })
  send({ method: 'initialized', params: {} })
  send({ method: 'workspace/didChangeConfiguration', params: { settings } })
  const open = (name: string, text: string, told: (problems: Problem[]) => void) => {
    published.set(uriOf(name), told)
    const textDocument = { uri: uriOf(name), languageId: 'yaml', version: 1, text }
    send({ method: 'textDocument/didOpen', params: { textDocument } })
  }
  // Until its settings have come it knows no schema, and finds nothing wrong; then it looks again.
  await new Promise<void>(resolve => open('first', 'kind: 5', problems => problems.length > 0 && resolve()))
  return {
    open: (name, text) => new Promise(resolve => open(name, text, resolve)),
    complete: async (name, line, character) => {
      const answer = await request('textDocument/completion', at(name, line, character))
      return (answer as { items: { label: string }[] }).items.map(({ label }) => label)
    },
    hover: async (name, line, character) =>
      JSON.stringify(await request('textDocument/hover', at(name, line, character))),
    stop: () => {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Handlers = Record<string, (params: unknown) => unknown>

/** JSON-RPC with a header for each message. What the server asks for and nobody knows is answered by null. */
function connect(server: ChildProcess, handlers: Handlers) {
  const answers = new Map<number, (result: unknown) => void>()
  let rest = Buffer.alloc(0)
  let lastId = 0
  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    server.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const receive = ({ id, method, params, result }: Message) => {
    if (method === undefined) answers.get(id ?? 0)?.(result)
    else {
      const answer = handlers[method]?.(params) ?? null
      if (id !== undefined) send({ id, result: answer })
    }
  }
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
  return {
    send,
    request: (method: string, params: object) =>
      new Promise<unknown>(resolve => {
        const id = ++lastId
        answers.set(id, resolve)
        send({ id, method, params })
      }),
  }
}
