// Real bare repositories in a temp folder, laid out as GHES shows them to a hook, and real pushes into them.
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { git, runGit } from './git.ts'
import { hasNoRefs, refId } from './git-refs.ts'
import { madeOnce } from './made-once.ts'
import { temporaryFolder } from './temporary.ts'

export type RepositoryOptions = {
  defaultBranch?: string
  objectFormat?: 'sha1' | 'sha256'
  /** GHES says "true" only for public repositories, "false" for private and internal ones. */
  public?: boolean
  hooks?: readonly string[]
  /** Set around the hooks unless the push sets them: CATALOG_GATE_NODE, … */
  hookEnvironment?: Record<string, string>
}

export type PushOptions = {
  /** Refspecs; the checked-out branch when left out. */
  refs?: readonly string[]
  /** `git push -o` */
  pushOptions?: readonly string[]
  force?: boolean
  login?: string
  ip?: string
  /** GITHUB_VIA, which GHES sets for updates by web or API only. */
  via?: string
  /** Further variables for the hook. */
  env?: Record<string, string>
}

export type PushResult = {
  exitCode: number
  /** What stood on the pusher's terminal, `remote: ` and padding included. */
  terminal: string
  /** What the hooks wrote: the `remote: ` lines without that prefix and git's padding. */
  remote: string
}

/** First commits above that are made by git each time. */
const FIRST_BYTES = 100_000

/** A folder of repositories; `remove()` takes everything away again, the clones too. `onDisk`: seen also where /dev is not. */
export async function createRepositoryHost(
  options: { directory?: string; onDisk?: boolean } = {},
): Promise<RepositoryHost> {
  // realpath: on macOS the temp folder is a link, and git answers with the real one
  const made = async () => (options.onDisk ? mkdtemp(join(tmpdir(), 'catalog-gate-')) : temporaryFolder())
  const directory = await realpath(options.directory ?? (await made()))
  const root = join(directory, 'repositories')
  await mkdir(root)
  return new RepositoryHost(directory, root)
}

export class RepositoryHost {
  readonly directory: string
  /** Holds `OWNER/NAME.git`. */
  readonly root: string
  #clones = 0

  constructor(directory: string, root: string) {
    this.directory = directory
    this.root = root
  }

  async create(fullName: string, options: RepositoryOptions = {}): Promise<BareRepository> {
    const directory = join(this.root, `${fullName}.git`)
    await mkdir(dirname(directory), { recursive: true })
    const { defaultBranch = 'main', objectFormat = 'sha1' } = options
    await madeOnce(['bare', defaultBranch, objectFormat], [directory], async () => {
      const how = ['--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`]
      await git(this.root, ['init', ...how, `--object-format=${objectFormat}`, directory])
      // A gc in the background would outlive the test and race with the removal of the folder.
      await appendFile(join(directory, 'config'), '[receive]\n\tadvertisePushOptions = true\n\tautogc = false\n')
    })
    const repository = new BareRepository(fullName, directory, options, () =>
      join(this.directory, 'clones', `${basename(fullName)}-${++this.#clones}`),
    )
    await repository.installHooks(options.hooks ?? [])
    return repository
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

export class BareRepository {
  readonly fullName: string
  readonly directory: string
  readonly #options: RepositoryOptions
  readonly #nextClone: () => string

  constructor(fullName: string, directory: string, options: RepositoryOptions, nextClone: () => string) {
    this.fullName = fullName
    this.directory = directory
    this.#options = options
    this.#nextClone = nextClone
  }

  /** These files run one after the other, as GHES runs several hooks; the first that refuses ends the push. */
  async installHooks(hooks: readonly string[]): Promise<void> {
    const file = join(this.directory, 'hooks', 'pre-receive')
    await rm(file, { force: true })
    if (hooks.length === 0) return
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, hookWrapper(this.fullName, hooks, this.#options), { mode: 0o755 })
  }

  git(...args: string[]): Promise<string> {
    return git(this.directory, args)
  }

  /** The object id a ref or branch holds, `undefined` when there is no such one. */
  ref(name: string): Promise<string | undefined> {
    return refId(this.directory, name.startsWith('refs/') || name === 'HEAD' ? name : `refs/heads/${name}`)
  }

  /**
   * When the ref last moved, in milliseconds since the epoch: the time of its file, which git writes by renaming. A few
   * milliseconds coarse, as the kernel's clock for files is.
   */
  async landedAtMs(ref = 'refs/heads/main'): Promise<number> {
    return (await stat(join(this.directory, ref))).mtimeMs
  }

  async clone(options: { login?: string } = {}): Promise<WorkingCopy> {
    const directory = this.#nextClone()
    await mkdir(directory, { recursive: true })
    const login = options.login ?? 'octocat'
    if (await hasNoRefs(this.directory)) {
      await this.#initialize(directory)
      return new WorkingCopy(directory, login, this)
    }
    await git(directory, ['clone', '--quiet', this.directory, '.'])
    return new WorkingCopy(directory, login)
  }

  /** git 2.39 clones an empty repository as SHA-1 whatever it is, so its clone is made by hand. */
  async #initialize(directory: string): Promise<void> {
    const branch = (await head(this.directory)).branch ?? 'main'
    const format = this.#options.objectFormat ?? 'sha1'
    const how = ['--quiet', '--template=', `--initial-branch=${branch}`, `--object-format=${format}`]
    await madeOnce(['clone', branch, format], [directory], () => git(directory, ['init', ...how]))
    const origin = `[remote "origin"]\n\turl = ${this.directory}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`
    await appendFile(join(directory, '.git/config'), origin)
  }

  /** Nothing pushed, and no hooks. */
  async isUntouched(): Promise<boolean> {
    return !existsSync(join(this.directory, 'hooks')) && (await hasNoRefs(this.directory))
  }

  async delete(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 })
  }
}

export class WorkingCopy {
  readonly directory: string
  readonly login: string
  /** Of what nothing is in yet, and git was not asked for anything by a test. */
  #empty: BareRepository | undefined
  #commits = 0

  constructor(directory: string, login: string, empty?: BareRepository) {
    this.directory = directory
    this.login = login
    this.#empty = empty
  }

  git(...args: string[]): Promise<string> {
    this.#empty = undefined
    return git(this.directory, args, this.#identity())
  }

  async write(path: string, content: string | Uint8Array): Promise<void> {
    const file = join(this.directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }

  async link(path: string, target: string): Promise<void> {
    const file = join(this.directory, path)
    await mkdir(dirname(file), { recursive: true })
    await rm(file, { force: true })
    await symlink(target, file)
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.directory, path), { recursive: true })
  }

  /** Commits everything in the folder, also when nothing changed; returns the commit's id. */
  async commit(message = 'Change'): Promise<string> {
    this.#commits++
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--allow-empty', '-m', message)
    const { branch, id } = await head(join(this.directory, '.git'))
    return id ?? (await readFile(join(this.directory, '.git/refs/heads', branch ?? ''), 'utf8')).trim()
  }

  /** Writes the files, commits and pushes: the usual way of a change in three lines of a test. */
  async change(files: Record<string, string>, options: PushOptions & { message?: string } = {}): Promise<PushResult> {
    const make = async () => {
      for (const [path, text] of Object.entries(files)) await this.write(path, text)
      await this.commit(options.message)
      return this.push(options)
    }
    const repository = this.#empty
    if (repository === undefined || Object.keys(options).length > 0 || !(await repository.isUntouched())) return make()
    if ((await readdir(this.directory)).length > 1 || JSON.stringify(files).length > FIRST_BYTES) return make()
    const { directory } = repository
    const read = async (file: string) => (await readFile(file, 'utf8')).replaceAll(directory, '')
    const own = join(this.directory, '.git')
    const key = [await read(join(directory, 'config')), await read(join(own, 'config')), await head(own), files]
    const folders = [join(directory, 'objects'), join(directory, 'refs'), this.directory]
    const first = await madeOnce(key, folders, async () => ({ directory, push: await make() }), '.git/config')
    this.#empty = undefined
    this.#commits = 1
    return { ...first.push, terminal: first.push.terminal.replaceAll(first.directory, directory) }
  }

  async push(options: PushOptions = {}): Promise<PushResult> {
    const refs = options.refs ?? [(await head(join(this.directory, '.git'))).branch ?? 'HEAD']
    const args = [
      'push',
      ...(options.force ? ['--force'] : []),
      ...(options.pushOptions ?? []).map(option => `--push-option=${option}`),
      'origin',
      ...refs,
    ]
    // On a local path git hands the pusher's environment to the hook; GHES's own variables travel the same way.
    const env = {
      GITHUB_USER_LOGIN: options.login ?? this.login,
      GITHUB_USER_IP: options.ip ?? '192.0.2.1',
      ...(options.via === undefined ? {} : { GITHUB_VIA: options.via }),
      ...options.env,
    }
    const run = await runGit(this.directory, args, { env })
    return { exitCode: run.exitCode, terminal: run.stderr, remote: remoteLines(run.stderr) }
  }

  /** Fixed names and dates, one second apart, so that the same test makes the same object ids. */
  #identity(): Record<string, string> {
    const date = `@${1_790_000_000 + this.#commits} +0000`
    return {
      GIT_AUTHOR_NAME: 'Mona',
      GIT_AUTHOR_EMAIL: 'mona@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: 'Mona',
      GIT_COMMITTER_EMAIL: 'mona@example.com',
      GIT_COMMITTER_DATE: date,
    }
  }
}

/** What HEAD says, read as git writes it: to start git for it costs as much as a commit. */
async function head(directory: string): Promise<{ branch?: string; id?: string }> {
  const text = (await readFile(join(directory, 'HEAD'), 'utf8')).trim()
  const branch = /^ref: refs\/heads\/(.+)$/.exec(text)?.[1]
  return branch === undefined ? { id: text } : { branch }
}

/** git prefixes `remote: ` and pads every line with blanks to clear what stood there before. */
function remoteLines(terminal: string): string {
  return terminal
    .split('\n')
    .filter(line => line.startsWith('remote: ') || line === 'remote:')
    .map(line => line.slice('remote: '.length).replace(/ +$/, ''))
    .join('\n')
}

/**
 * The pre-receive script that stands around the hooks: GHES's variables (facts of the docs: always set; GIT_DIR absolute,
 * where git itself says "."), then the hook. GHES also prints `NAME: failed with exit status 1` before a refusal's
 * text; it is left out here, so that a test sees the hook's own words.
 */
function hookWrapper(fullName: string, hooks: readonly string[], options: RepositoryOptions): string {
  const preset = {
    GITHUB_USER_LOGIN: 'octocat',
    GITHUB_USER_IP: '192.0.2.1',
    // Each GHES has its own environment with its own node; here the one that runs the tests stands for it.
    CATALOG_GATE_NODE: process.execPath,
    ...options.hookEnvironment,
  }
  const lines = [
    '#!/bin/sh',
    'GIT_DIR=$(pwd -P)',
    `GITHUB_REPO_NAME=${shellWord(fullName)}`,
    `GITHUB_REPO_PUBLIC=${options.public === true}`,
    'export GIT_DIR GITHUB_REPO_NAME GITHUB_REPO_PUBLIC',
    ...Object.entries(preset).map(([name, value]) => `export ${name}="\${${name}-${doubleQuoted(value)}}"`),
  ]
  const [only] = hooks
  if (hooks.length === 1 && only !== undefined) return `${[...lines, `exec ${shellWord(only)}`].join('\n')}\n`
  // Each hook reads all ref lines; the shell keeps them, and no file is written (a ref name holds no NUL).
  lines.push('input=$(cat)')
  for (const hook of hooks) lines.push(`printf '%s\\n' "$input" | ${shellWord(hook)} || exit`)
  return `${lines.join('\n')}\n`
}

const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const doubleQuoted = (text: string): string => text.replaceAll(/[\\"$`}]/g, character => `\\${character}`)
