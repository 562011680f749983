// Two temporary repositories: one that stands for GHES's, with the hook, and one to push from. Both borrow the user's objects, so nothing is copied.
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { git, ownEnvironment, runGit } from '../git/run-git.ts'
import type { Source } from './source.ts'

export type Push = {
  isAccepted: boolean
  /** What stands on the pusher's terminal. */
  terminal: string
  /** Of the hook alone, where git says it. */
  hookMs: number | undefined
}

export class TemporaryRepositories {
  readonly bare: string
  readonly #pusher: string
  readonly #folder: string
  readonly #source: Source
  #pushes = 0

  private constructor(folder: string, source: Source) {
    this.#folder = folder
    this.#source = source
    this.bare = join(folder, 'repository.git')
    this.#pusher = join(folder, 'pusher.git')
  }

  static async make(folder: string, source: Source): Promise<TemporaryRepositories> {
    const made = new TemporaryRepositories(folder, source)
    for (const repository of [made.bare, made.#pusher]) {
      // Options that git had not before 2.29 only where they are needed.
      const format = source.objectFormat === 'sha1' ? [] : [`--object-format=${source.objectFormat}`]
      await git(folder, ['init', '--quiet', '--bare', '--template=', ...format, repository])
      await git(repository, ['symbolic-ref', 'HEAD', branchOf(source.defaultBranch)])
      for (const part of ['hooks', 'objects/info']) mkdirSync(join(repository, part), { recursive: true })
      appendFileSync(join(repository, 'objects/info/alternates'), `${source.objects[0]}\n`)
      if (source.shallowFile !== undefined) copyFileSync(source.shallowFile, join(repository, 'shallow'))
    }
    // A background gc would outlive us. A shallow push brings its border along.
    for (const setting of ['receive.autogc=false', 'receive.shallowUpdate=true', 'receive.advertisePushOptions=true'])
      await git(made.bare, ['config', ...(setting.split('=') as [string, string])])
    return made
  }

  /** Paths of the files in a commit, in git's order; submodules and links are none. */
  async files(commit: string): Promise<string[]> {
    const listed = await git(this.#pusher, ['ls-tree', '-r', '-z', '--full-tree', commit])
    return listed.split('\0').flatMap(line => (line.startsWith('100') ? [line.slice(line.indexOf('\t') + 1)] : []))
  }

  read = (commit: string, path: string): Promise<string> =>
    git(this.#pusher, ['cat-file', 'blob', `${commit}:${path}`]).then(text => `${text}\n`)

  /** A commit with one file changed or added on top of another; without one, the first. */
  async commit(parent: string | undefined, path: string, text: string): Promise<string> {
    const author = { name: 'catalog-gate try', email: 'try@localhost' }
    const env = {
      ...ownEnvironment(),
      GIT_INDEX_FILE: join(this.#folder, `index-${++this.#pushes}`),
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.email,
    }
    const blob = await git(this.#pusher, ['hash-object', '-w', '--stdin'], { env, input: text })
    if (parent !== undefined) await git(this.#pusher, ['read-tree', parent], { env })
    await git(this.#pusher, ['update-index', '--add', '--index-info'], { env, input: `100644 ${blob}\t${path}\n` })
    const tree = await git(this.#pusher, ['write-tree'], { env })
    const parents = parent === undefined ? [] : ['-p', parent]
    return git(this.#pusher, ['commit-tree', tree, ...parents, '-m', 'catalog-gate try'], { env })
  }

  /** Makes a branch be there, as if it had been pushed at a time without a hook. */
  async place(commit: string, branch: string): Promise<void> {
    const withoutHook = '--receive-pack=git -c core.hooksPath=/dev/null receive-pack'
    await this.#branch(commit, branch)
    await git(this.#pusher, ['push', '--quiet', '--force', withoutHook, this.bare, branchOf(branch)])
  }

  async push(commit: string, branch: string): Promise<Push> {
    const trace = join(this.#folder, `trace-${++this.#pushes}`)
    await this.#branch(commit, branch)
    const run = await runGit(this.#pusher, ['push', '--force', this.bare, branchOf(branch)], {
      env: { ...ownEnvironment(), GIT_TRACE2_EVENT: trace },
    })
    const terminal = run.stderr
      .replaceAll(this.bare, `ghes:${this.#source.fullName}.git`)
      .replace(/ +$/gm, '')
      .trimEnd()
    if (run.exitCode > 1) throw new Error(`git push ended with ${run.exitCode}: ${terminal}`)
    if (run.exitCode === 1 && !/pre-receive hook declined/.test(terminal))
      throw new Error(`git push failed: ${terminal}`)
    return { isAccepted: run.exitCode === 0, terminal, hookMs: hookMs(trace) }
  }

  #branch = (commit: string, branch: string): Promise<string> =>
    git(this.#pusher, ['update-ref', branchOf(branch), commit])

  /** The script around the hook: GHES's variables, then the hook by way of `enter`, a piece of sh. */
  installHook(enter: string): void {
    const lines = [
      '#!/bin/sh',
      'unset GIT_TRACE2_EVENT GIT_TRACE2_PARENT_SID GIT_TRACE2_PARENT_NAME',
      'GIT_DIR=$(pwd -P)',
      `GITHUB_REPO_NAME=${shellWord(this.#source.fullName)}`,
      'GITHUB_REPO_PUBLIC=false GITHUB_USER_LOGIN=octocat GITHUB_USER_IP=192.0.2.1',
      'export GIT_DIR GITHUB_REPO_NAME GITHUB_REPO_PUBLIC GITHUB_USER_LOGIN GITHUB_USER_IP',
      enter,
      '',
    ]
    writeFileSync(join(this.bare, 'hooks/pre-receive'), lines.join('\n'), { mode: 0o755 })
  }
}

const branchOf = (name: string) => `refs/heads/${name}`

export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

type Event = { event: string; child_id?: number; sid?: string; hook_name?: string; t_rel?: number }

/** From git's own trace: when it started the hook, and how long that ran. */
function hookMs(trace: string): number | undefined {
  if (!existsSync(trace)) return undefined
  const events = readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line): Event[] => (/"child_(start|exit)"/.test(line) ? [JSON.parse(line) as Event] : []))
  const start = events.find(({ event, hook_name }) => event === 'child_start' && hook_name === 'pre-receive')
  const exit = events.find(
    ({ event, sid, child_id }) => event === 'child_exit' && sid === start?.sid && child_id === start?.child_id,
  )
  return exit?.t_rel === undefined ? undefined : Math.round(exit.t_rel * 1000)
}
