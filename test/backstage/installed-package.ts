// Our package as an app's own tools see it once it is installed: its configuration by Backstage's loader, its types by TypeScript as Backstage sets it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { startProcess } from '../support/process.ts'

const folder = import.meta.dirname
const requireHere = createRequire(join(folder, 'index.mjs'))

type ConfigSchema = {
  process(configs: { data: object; context: string }[], options?: { visibility: string[] }): { data: object }[]
}

/** What the loader says of a configuration, without what is missing of others; and what a browser would be given of it. */
export async function checkConfig(name: string, catalogGate: object): Promise<{ said: string; shown: object }> {
  const { loadConfigSchema } = requireHere('@backstage/config-loader') as {
    loadConfigSchema(options: object): Promise<ConfigSchema>
  }
  const before = process.cwd()
  process.chdir(folder)
  try {
    const schema = await loadConfigSchema({ dependencies: [name] })
    const data = {
      ...{ app: { baseUrl: 'http://a.test' }, organization: { name: 'acme' }, catalogGate },
      backend: {
        baseUrl: 'http://a.test',
        listen: ':1',
        database: { client: 'better-sqlite3', connection: ':memory:' },
      },
    }
    const config = [{ data, context: 'app-config' }]
    try {
      schema.process(config)
    } catch (error) {
      return { said: String(error), shown: {} }
    }
    const [shown] = schema.process(config, { visibility: ['frontend'] })
    return { said: '', shown: shown?.data ?? {} }
  } finally {
    process.chdir(before)
  }
}

/** What TypeScript says of a backend that adds it. */
export async function compileBackend(name: string): Promise<string> {
  const at = join(folder, 'node_modules/.typed')
  const [backend, tsc] = [join(at, 'backend.ts'), join(folder, '../../node_modules/typescript/bin/tsc')]
  mkdirSync(at, { recursive: true })
  writeFileSync(backend, backendOf(name))
  try {
    const how =
      '--ignoreConfig --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2022'
    const run = startProcess(process.execPath, [tsc, ...how.split(' '), '--types', 'node', backend], {
      cwd: join(folder, '../..'),
    })
    await run.gone
    return run.ended() === 'ended with exit code 0' ? '' : `${run.ended()}: ${run.output()}`
  } finally {
    rmSync(at, { recursive: true })
  }
}

const backendOf = (name: string) => `import { createBackend } from '@backstage/backend-defaults'
import gate from '${name}'
const backend = createBackend()
backend.add(gate)
backend.add(import('${name}'))
// @ts-expect-error it is a feature, and nothing else
gate.nothing
`
