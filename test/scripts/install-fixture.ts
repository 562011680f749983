// A site administrator's desk for the tests of install: a stand-in GHES, built hooks, install.yaml, and a clock that nobody waits for.
import { cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import {
  type InstallOptions,
  install,
  type PauseOptions,
  type PromoteOptions,
  pause,
  promote,
  resume,
  rollback,
  type UninstallOptions,
  uninstall,
} from '../../scripts/install/install.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { git, runGit } from '../support/git.ts'
import { madeOnce } from '../support/made-once.ts'
import { temporaryFolder } from '../support/temporary.ts'

export const HOOKS = 'platform/catalog-gate-hooks'
export const TOKEN = 'ghp_verysecret'

const BUILT = new Date('2026-11-27T12:00:00Z')

export type Ran = { code: number; out: string[]; err: string[] }
type Own<T> = Omit<T, 'config'>

export class InstallFixture {
  readonly folder: string
  readonly ghes: Ghes
  /** Of the tests' clock. */
  waitedMs = 0
  /** Of the commands from now on. */
  interruption = new AbortController()
  onWait = (): void => {}
  /** The person at the terminal; undefined: there is none. */
  confirm: ((question: string) => Promise<boolean>) | undefined
  #ran: Ran = { code: 0, out: [], err: [] }

  static async open(): Promise<InstallFixture> {
    const folder = temporaryFolder('catalog-gate-install-')
    for (const repository of ['acme/web', 'acme/web-shop', 'acme/legacy', 'other/tool']) {
      const directory = join(folder, 'ghes', `${repository}.git`)
      await madeOnce(['empty'], [directory], () =>
        git(folder, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', directory]),
      )
    }
    mkdirSync(join(folder, 'ghes/platform'))
    const ghes = await startGhes({ root: join(folder, 'ghes'), token: TOKEN })
    const fixture = new InstallFixture(folder, ghes)
    writeFileSync(join(folder, 'ghe.token'), `${TOKEN}\n`, { mode: 0o600 })
    fixture.build('one')
    fixture.configure({})
    return fixture
  }

  private constructor(folder: string, ghes: Ghes) {
    this.folder = folder
    this.ghes = ghes
  }

  /** Hooks whose contents are known by this word, with these settings of hook.yaml in their head. */
  build(word: string, settings: Record<string, unknown> = {}): void {
    const hooks = join(this.folder, 'dist/hooks')
    rmSync(hooks, { recursive: true, force: true })
    mkdirSync(hooks, { recursive: true })
    for (const name of ['catalog-gate', 'catalog-validate', 'sandbox-probe']) {
      const head = name === 'sandbox-probe' ? '' : `# Settings, as hook.yaml has them: ${JSON.stringify(settings)}\n`
      writeFileSync(join(hooks, name), `#!/bin/sh\n# ${name} ${word}\n${head}\0\xff`, { mode: 0o755 })
      utimesSync(join(hooks, name), BUILT, BUILT)
    }
  }

  /** `environment`: 12 digits of its SHA-256. */
  configure(more: Record<string, unknown>, environment = '1'.repeat(12)): void {
    const config = {
      ghe: { apiBaseUrl: this.ghes.apiBaseUrl, token: { $file: 'ghe.token' } },
      hooks: { repository: HOOKS },
      environment: { imageUrl: 'https://artifacts.test/env.tar.gz', sha256: environment.padEnd(64, '0') },
      ...more,
    }
    writeFileSync(join(this.folder, 'install.yaml'), stringify(config))
  }

  install(options: Own<InstallOptions> = { apply: true }): Promise<Ran> {
    return this.#run(world => install({ ...options, config: this.config }, world))
  }
  promote(options: Own<PromoteOptions> = { apply: true }): Promise<Ran> {
    return this.#run(world => promote({ ...options, config: this.config }, world))
  }
  rollback(options: { apply?: boolean } = { apply: true }): Promise<Ran> {
    return this.#run(world => rollback({ ...options, config: this.config }, world))
  }
  pause(options: Own<PauseOptions>): Promise<Ran> {
    return this.#run(world => pause({ ...options, config: this.config }, world))
  }
  resume(options: { apply?: boolean } = { apply: true }): Promise<Ran> {
    return this.#run(world => resume({ ...options, config: this.config }, world))
  }
  uninstall(options: Own<UninstallOptions> = { apply: true }): Promise<Ran> {
    return this.#run(world => uninstall({ ...options, config: this.config }, world))
  }

  get config(): string {
    return join(this.folder, 'install.yaml')
  }

  async #run(command: (world: Parameters<typeof rollback>[1]) => Promise<number>): Promise<Ran> {
    const ran: Ran = { code: 0, out: [], err: [] }
    this.#ran = ran
    const fromMs = Date.now()
    const waitedMs = this.waitedMs
    ran.code = await command({
      say: line => ran.out.push(line),
      sayError: line => ran.err.push(line),
      now: () => fromMs + this.waitedMs - waitedMs,
      interrupted: this.interruption.signal,
      ...(this.confirm ? { confirm: this.confirm } : {}),
      wait: async ms => {
        this.waitedMs += ms
        this.onWait()
      },
    })
    return this.#ran
  }

  repository(name = HOOKS): string {
    return join(this.folder, 'ghes', `${name}.git`)
  }

  /** What is on GHES, as far as it is to be the same whatever happened on the way. */
  async state(): Promise<object> {
    const { admin } = this.ghes
    const nameOf = (id: number) => admin.environments.find(one => one.id === id)?.name
    return {
      environments: admin.environments.map(({ name, imageUrl, state }) => ({ name, imageUrl, state })),
      hooks: admin.hooks.map(({ id: _, environmentId, overrides, ...hook }) => ({
        ...hook,
        environment: nameOf(environmentId),
        overrides: Object.fromEntries(overrides),
      })),
      repository: await this.contents(),
    }
  }

  /** Log and files of the hook repository; `none` when it is not there. */
  async contents(): Promise<object | 'none'> {
    const directory = this.repository()
    const log = await runGit(directory, ['log', '--format=%B%x00']).catch(() => undefined)
    if (!log) return 'none'
    if (log.exitCode !== 0) return { log: [], files: [] }
    const files = (await git(directory, ['ls-tree', '-r', 'HEAD'])).split('\n').filter(Boolean)
    return {
      log: log.stdout
        .toString('utf8')
        .split('\0')
        .map(text => text.trim())
        .filter(Boolean),
      files,
    }
  }

  /** A copy of everything, to be tried another way. */
  async copy(): Promise<InstallFixture> {
    const folder = temporaryFolder('catalog-gate-install-')
    cpSync(this.folder, folder, { recursive: true, preserveTimestamps: true })
    const ghes = await startGhes({ root: join(folder, 'ghes'), token: TOKEN })
    const { admin } = this.ghes
    ghes.admin.environments.splice(0, Infinity, ...admin.environments.map(one => ({ ...one })))
    ghes.admin.hooks.push(...admin.hooks.map(one => ({ ...one, overrides: new Map(one.overrides) })))
    ghes.admin.takeIdsAfter(admin)
    const config = join(folder, 'install.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replace(this.ghes.apiBaseUrl, ghes.apiBaseUrl))
    return new InstallFixture(folder, ghes)
  }

  async close(): Promise<void> {
    await this.ghes.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
