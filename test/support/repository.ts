// Real bare repositories in a temp folder, laid out as GHES shows them to a hook, and real pushes into them.
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { git } from './git.ts'
import { hasNoRefs, head, refId } from './git-refs.ts'
import { madeOnce } from './made-once.ts'
import { temporaryFolder } from './temporary.ts'
import { WorkingCopy } from './working-copy.ts'

export type RepositoryOptions = {
  defaultBranch?: string
  objectFormat?: 'sha1' | 'sha256'
  /** GHES says "true" only for public repositories, "false" for private and internal ones. */
  public?: boolean
  hooks?: readonly string[]
  /** Set around the hooks unless the push sets them: CATALOG_GATE_NODE, … */
  hookEnvironment?: Record<string, string>
}

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
