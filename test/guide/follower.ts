// Whoever follows the guide on a machine of their own: a fresh clone, its commands as they are typed, whole or with Ctrl-C in their middle.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gitEnvironment } from '../support/git.ts'
import { type Started, startProcess } from '../support/process.ts'
import { interrupt, type Middle } from './ctrl-c.ts'
import { PATH } from './guide-page.ts'

const root = resolve(import.meta.dirname, '../..')

export type Ran = { code: number; output: string; seconds: number }

/** `env`: what else it then finds. */
export type CtrlC = { at: Middle; env?: NodeJS.ProcessEnv }

export class Follower {
  readonly folder: string
  /** Where the commands put what they need for a while. */
  readonly temporary: string
  /** What is a placeholder in the guide, and is not one here. */
  literal: (command: string) => string = command => command
  readonly #above: string

  private constructor(above: string) {
    this.#above = above
    this.folder = join(above, 'catalog-gate')
    this.temporary = join(above, 'tmp')
  }

  /** A clone of this checkout, with what is not committed yet. */
  static clone(): Follower {
    const follower = new Follower(mkdtempSync(join(tmpdir(), 'catalog-gate-follower-')))
    mkdirSync(follower.temporary)
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
    git('clone', '--quiet', '--no-hardlinks', root, follower.folder)
    const changed = git('ls-files', '-z', '--modified', '--others', '--exclude-standard').split('\0').filter(Boolean)
    for (const file of changed) {
      const to = join(follower.folder, file)
      rmSync(to, { force: true })
      if (!existsSync(join(root, file))) continue
      mkdirSync(dirname(to), { recursive: true })
      cpSync(join(root, file), to)
    }
    return follower
  }

  file = (...path: string[]): string => join(this.folder, ...path)

  /** As it is typed. */
  start(command: string, env: NodeJS.ProcessEnv = {}): Started {
    const literal = this.literal(command)
    return startProcess('sh', ['-ec', literal.includes('\n') ? literal : `exec ${literal}`], {
      cwd: this.folder,
      env: { ...gitEnvironment({ HOME: this.#above, PATH, TMPDIR: this.temporary }), ...ofNpm, NO_COLOR: '1', ...env },
    })
  }

  async run(command: string, ctrlC?: CtrlC): Promise<Ran> {
    const from = performance.now()
    const started = this.start(command, ctrlC?.env)
    if (ctrlC) {
      const isRunning = () => started.ended() === undefined
      // What it never comes to is waited for no longer than it runs.
      const goOn = await Promise.race([ctrlC.at(isRunning), started.gone.then(() => () => undefined)])
      await interrupt(started.pid, command.startsWith('npm '), isRunning)
      goOn()
    }
    await started.gone
    const ended = started.ended() ?? ''
    const code = ended.includes('SIGINT') ? 130 : Number(/exit code (\d+)/.exec(ended)?.[1] ?? -1)
    return { code, output: started.output(), seconds: (performance.now() - from) / 1000 }
  }

  /** What a command has left in the temporary folder. */
  left(): string[] {
    return readdirSync(this.temporary).filter(name => name.startsWith('catalog-gate'))
  }

  remove(): void {
    rmSync(this.#above, { recursive: true, force: true })
  }
}

/** Of the npm that runs us: what it has fetched before, and where it fetches from. */
const { env } = process
const ofNpm = {
  ...{ npm_config_cache: env['npm_config_cache'] ?? join(homedir(), '.npm'), npm_config_prefer_offline: 'true' },
  ...Object.fromEntries(
    Object.entries(env).filter(([name]) =>
      /^npm_config_(userconfig|globalconfig|registry)$|^(https?|no)_proxy$/i.test(name),
    ),
  ),
}
