// A clone on a pusher's machine: files are changed, committed and pushed with real git.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { git, runGit } from './git.ts'
import { treeOfFolder, writeCommit } from './git-objects.ts'
import { head, refId } from './git-refs.ts'
import { madeOnce } from './made-once.ts'

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

/** What it was cloned from while that had nothing in it. */
type EmptyRepository = { directory: string; isUntouched(): Promise<boolean> }

/** Commands that put into the index what the folder does not hold, or say how it is read. */
const TELLS_INDEX = new Set(['add', 'config', 'submodule', 'update-index'])
const WITHOUT_INDEX = new Set(
  'branch commit-tree config for-each-ref hash-object notes pack-refs push remote rev-parse symbolic-ref tag update-ref'.split(
    ' ',
  ),
)
/** A message that git takes as it is. */
const ONE_LINE = /^\S(?:.*\S)?$/

/** First commits above that are made by git each time. */
const FIRST_BYTES = 100_000

export class WorkingCopy {
  readonly directory: string
  readonly login: string
  /** Of what nothing is in yet, and git was not asked for anything by a test. */
  #empty: EmptyRepository | undefined
  #commits = 0
  /** By whom the last commit was made: ours leaves git's index as it was. */
  #indexIsOld = false
  /** A test put something into the index that is not in the folder. */
  #indexIsTold = false

  constructor(directory: string, login: string, empty?: EmptyRepository) {
    this.directory = directory
    this.login = login
    this.#empty = empty
  }

  async git(...args: string[]): Promise<string> {
    const [command = ''] = args
    this.#empty = undefined
    if (TELLS_INDEX.has(command)) this.#indexIsTold = true
    if (this.#indexIsOld && !WITHOUT_INDEX.has(command)) {
      await git(this.directory, ['reset', '--quiet'])
      this.#indexIsOld = false
    }
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
    const ours = await this.#commitFromMemory(message)
    if (ours !== undefined) return ours
    await git(this.directory, ['add', '--all'], this.#identity())
    await git(this.directory, ['commit', '--quiet', '--allow-empty', '-m', message], this.#identity())
    this.#empty = undefined
    this.#indexIsOld = false
    const { branch, id } = await head(join(this.directory, '.git'))
    return id ?? (await readFile(join(this.directory, '.git/refs/heads', branch ?? ''), 'utf8')).trim()
  }

  /** The same commit, to the last bit, without starting git twice; undefined where something is there that is git's to judge. */
  async #commitFromMemory(message: string): Promise<string | undefined> {
    const own = join(this.directory, '.git')
    if (this.#indexIsTold || !ONE_LINE.test(message) || existsSync(join(own, 'MERGE_HEAD'))) return
    if ((await readFile(join(own, 'config'), 'utf8')).includes('objectformat')) return
    const { branch } = await head(own)
    if (branch === undefined) return
    const objects = join(own, 'objects')
    const tree = treeOfFolder(objects, this.directory)
    if (tree === undefined) return
    const parent = await refId(own, `refs/heads/${branch}`)
    const identity = this.#identity()
    const by = `${identity['GIT_AUTHOR_NAME']} <${identity['GIT_AUTHOR_EMAIL']}> ${identity['GIT_AUTHOR_DATE']?.slice(1)}`
    const parents = parent === undefined ? [] : [parent]
    const id = writeCommit(objects, { tree, parents, author: by, committer: by, message: `${message}\n` })
    const ref = join(own, 'refs/heads', branch)
    await mkdir(dirname(ref), { recursive: true })
    await writeFile(ref, `${id}\n`)
    this.#empty = undefined
    this.#indexIsOld = true
    return id
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
    this.#indexIsOld = true
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

/** git prefixes `remote: ` and pads every line with blanks to clear what stood there before. */
function remoteLines(terminal: string): string {
  return terminal
    .split('\n')
    .filter(line => line.startsWith('remote: ') || line === 'remote:')
    .map(line => line.slice('remote: '.length).replace(/ +$/, ''))
    .join('\n')
}
