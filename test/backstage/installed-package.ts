// Our package as an app's own tools see it once it is installed: its configuration by Backstage's loader, its types by TypeScript as Backstage sets it.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { backstagePackage } from '../../scripts/build/backstage-package.ts'
import { startProcess } from '../support/process.ts'

const folder = import.meta.dirname
const requireHere = createRequire(join(folder, 'index.mjs'))

/** Its name, and what stands in app-config. */
export type Installed = { name: string; catalogGate: { relay: object } }

const README = readFileSync(join(folder, '../../relay/backstage/README.md'), 'utf8')

/** By the steps of its README: what npm is asked for, what is added to the backend, and what stands in app-config. What is installed already stays. */
export async function installPackage(): Promise<Installed> {
  const [, file = ''] = /`npm install \.\/(\S+\.tgz)`/.exec(README) ?? []
  const [, name = ''] = /`backend\.add\(import\('(.+?)'\)\)`/.exec(README) ?? []
  const [, config = ''] = /# app-config\.yaml\n([\s\S]+?)```/.exec(README) ?? []
  const { catalogGate } = parse(config.replaceAll(/^ {3}/gm, '')) as { catalogGate: { relay: object } }
  const { tarball } = await backstagePackage(join(folder, '../..'))
  const stamp = join(folder, 'node_modules', name, '.installed')
  const digest = createHash('sha256').update(tarball).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return { name, catalogGate }
  const from = mkdtempSync(join(tmpdir(), 'catalog-gate-package-'))
  try {
    writeFileSync(join(from, file), tarball)
    const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', join(from, file)]
    const npm = startProcess('npm', words, { cwd: folder })
    await npm.gone
    if (npm.ended() !== 'ended with exit code 0')
      throw new Error(`npm install ${file} ${npm.ended()}:\n${npm.output()}`)
  } finally {
    rmSync(from, { recursive: true })
  }
  writeFileSync(stamp, digest)
  return { name, catalogGate }
}

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
