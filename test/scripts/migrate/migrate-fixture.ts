// A migration in a test: its folder with a configuration, what it wrote, and an organisation with a repository of every kind.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../scripts/config/read-config.ts'
import { migrate } from '../../../scripts/migrate/migrate.ts'
import type { MigrateOptions } from '../../../scripts/migrate/options.ts'
import { component, nowMs, type Ran } from '../survey-fixture.ts'
import type { MemoryGhes, MemoryRepository } from './memory-ghes.ts'

/** Time that passes as soon as somebody waits for it. */
export class EagerClock {
  ms = nowMs
  now = (): number => this.ms
  after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = setImmediate(() => {
      this.ms += delayMs
      callback()
    })
    return () => clearImmediate(timer)
  }
}

export class MigrateFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'catalog-gate-migrate-'))
  readonly clock = new EagerClock()
  interruption = new AbortController()
  readonly url: string

  constructor(url: string) {
    this.url = url
    this.write('token', 'ghp_migrate\n')
    this.configure()
  }

  /** migrate.yaml. */
  configure(more = '', access = 'token: { $file: token }'): void {
    this.write(
      'migrate.yaml',
      `ghe: { apiBaseUrl: '${this.url}/api/v3', ${access} }\norganizations: [acme]\nowner: platform\n${more}`,
    )
  }

  file = (name: string): string => join(this.folder, name)
  has = (name: string): boolean => existsSync(this.file(name))
  read = (name: string): string => readFileSync(this.file(name), 'utf8')
  write(name: string, text: string): void {
    writeFileSync(this.file(name), text, { mode: 0o600 })
  }

  async run(more: Partial<MigrateOptions> = {}): Promise<Ran> {
    let [out, err] = ['', '']
    const edges = {
      ...{ env: {}, cwd: this.folder, clock: this.clock, interrupted: this.interruption.signal, readConfig },
      write: (text: string) => {
        out += text
      },
      writeError: (text: string) => {
        err += text
      },
      isWatched: () => false,
      readStdin: () => Buffer.alloc(0),
    }
    const code = await migrate({ config: 'migrate.yaml', cache: 'cache.jsonl', ...more }, edges)
    return { code, out, err }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}

const HOSTILE = '<img src=x onerror=alert(1)>\u202e: # "\n'
const openapi = 'openapi: 3.0.0\ninfo: { title: Payments, version: "1" }\npaths: {}\n'

/** By what is special about each. */
export const kinds: Record<string, MemoryRepository> = {
  'acme/archived': { files: { 'README.md': '# Old\n\nWhat we used before.\n' }, archived: true },
  'acme/codeowners': {
    files: { '.github/CODEOWNERS': '* @acme/team-pay\n', 'go.mod': 'module ghe.test/acme/codeowners\n' },
  },
  'acme/declared': { files: { 'catalog-info.yaml': component('declared') } },
  'acme/docs': { files: { 'mkdocs.yml': 'site_name: docs\n', 'docs/index.md': '# Docs\n' } },
  'acme/empty': { files: {} },
  'acme/fork': { files: { 'README.md': 'x' }, fork: true },
  'acme/Hostile_Name.': { files: { 'README.md': HOSTILE }, description: HOSTILE, topics: ['ok', 'c++'] },
  'acme/library': {
    files: { 'package.json': JSON.stringify({ name: '@acme/library', main: 'index.js' }) },
    description: 'Shared code',
  },
  'acme/misplaced': { files: { 'backstage.yaml': component('misplaced') } },
  'acme/monorepo': {
    files: {
      'package.json': JSON.stringify({ private: true, workspaces: ['services/*'] }),
      ...{ 'services/a/package.json': '{"name":"@acme/a"}', 'services/a/Dockerfile': 'FROM scratch\n' },
      ...{ 'services/b/go.mod': 'module ghe.test/acme/b\n', 'services/b/Dockerfile': 'FROM scratch\n' },
    },
  },
  'acme/none': { files: { 'notes.bin': 'x' } },
  'acme/old-form': {
    files: { 'catalog-info.yml': component('old-form').replace('v1alpha1', 'v1beta1') },
  },
  'acme/opted-out': { files: { '.no-catalog-info': '' } },
  'acme/payments': {
    files: {
      ...{
        Dockerfile: 'FROM scratch\n',
        'openapi.yaml': openapi,
        'events/asyncapi.yaml': 'asyncapi: 2.0.0\ninfo: { title: Events }\n',
      },
      ...{ 'proto/pay.proto': 'syntax = "proto3";\nservice Pay {}\n', 'proto/types.proto': 'syntax = "proto3";\n' },
      ...{ 'schema.graphql': 'type Query { a: Int }\n', 'swagger.yaml': 'not: one\n', 'mkdocs.yml': 'site_name: x\n' },
    },
    topics: ['payments', 'Java'],
  },
  'acme/read-only': { files: { 'README.md': 'x' }, permission: 'READ' },
  'acme/refused': { files: { 'catalog-info.yaml': component('not right') } },
  'acme/taken': { files: { 'README.md': 'Hello\n' } },
  'acme/takes-it': { files: { 'catalog-info.yaml': component('taken') } },
  'acme/team': { files: { 'pom.xml': '<project><groupId>com.acme</groupId><artifactId>team</artifactId></project>' } },
  'acme/template': { files: { 'README.md': 'x' }, template: true },
  'acme/web': {
    files: {
      'package.json': JSON.stringify({
        name: 'web',
        dependencies: { 'react-dom': '1', '@acme/library': '1', lodash: '4' },
      }),
    },
    topics: ['poc'],
  },
}

export function addKinds(ghes: MemoryGhes): void {
  for (const [name, repository] of Object.entries(kinds)) ghes.add(name, structuredClone(repository))
  ghes.teams = [
    { slug: 'team-core', repositories: [{ permission: 'ADMIN', repository: 'acme/team' }] },
    {
      slug: 'team-all',
      repositories: [
        { permission: 'MAINTAIN', repository: 'acme/web' },
        { permission: 'WRITE', repository: 'acme/library' },
        { permission: 'ADMIN', repository: 'acme/team' },
      ],
    },
  ]
}
