// Git for one repository and its wiki: a bare repository of our own holds the objects of both. Nothing of theirs is ever checked out.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { BlobWriter, ObjectReader } from '../git/object-streams.ts'
import { git, ownEnvironment, runGit } from '../git/run-git.ts'
import type { WikiCommit } from './commit-message.ts'
import type { WikiFile } from './tree.ts'

export type Remote = {
  /** `https://HOST` */
  webUrl: string
  /** Where git reads it by itself: a token is in no URL and no argument. An App's has no file, and goes into git's environment. */
  token: { file: string } | { text: string }
  /** PEM file. */
  caFile?: string
}

export type Refs = { result: 'refs'; head?: string; headBranch?: string; byName: Map<string, string> }
/** `none`: there is no such repository, or the token is not allowed to see it. */
export type GitTrouble = { result: 'none' } | { result: 'trouble'; words: string; isSetUp: boolean; isForAll: boolean }

const WIKI = 'refs/catalog-gate/wiki'
const BASE = 'refs/catalog-gate/base'
const BRANCH = 'refs/catalog-gate/branch'

export class WikiGit {
  readonly folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #url: string

  private constructor(folder: string, url: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.#url = url
    this.#env = env
  }

  /** `work` keeps what was fetched for the next time; it may be deleted at any time. */
  static async open(repository: string, remote: Remote, work: string): Promise<WikiGit> {
    const folder = join(work, `${repository.toLowerCase()}.git`)
    const made = new WikiGit(folder, `${remote.webUrl}/${repository}`, environment(remote))
    if (!existsSync(join(folder, 'HEAD'))) {
      mkdirSync(folder, { recursive: true })
      await git(folder, ['init', '--quiet', '--bare', '--template=', folder])
      const origin = [
        '[remote "origin"]',
        `\turl = ${made.#url}.git`,
        '\tpromisor = true',
        '\tpartialclonefilter = blob:none',
        '',
      ]
      appendFileSync(join(folder, 'config'), origin.join('\n'))
    }
    return made
  }

  wikiRefs = (): Promise<Refs | GitTrouble> => this.#lsRemote(`${this.#url}.wiki.git`, ['HEAD'])

  repositoryRefs = (branch: string): Promise<Refs | GitTrouble> =>
    this.#lsRemote(`${this.#url}.git`, ['HEAD', `refs/heads/${branch}`])

  /** With its history: who wrote what goes into our commit's message. */
  fetchWiki = (): Promise<true | GitTrouble> => this.#fetch([`${this.#url}.wiki.git`, `+HEAD:${WIKI}`])

  /** Without contents and history: only names are compared, and what is read of them comes when it is asked for. */
  fetchRepository = (base: string, branch: string | undefined): Promise<true | GitTrouble> =>
    this.#fetch([
      ...['--depth=2', '--filter=blob:none', 'origin', `+refs/heads/${base}:${BASE}`],
      ...(branch === undefined ? [] : [`+refs/heads/${branch}:${BRANCH}`]),
    ])

  wikiFiles = (): Promise<WikiFile[]> => this.#list(WIKI)

  /** Path → blob of the default branch. */
  async baseFiles(): Promise<Map<string, string>> {
    return new Map((await this.#list(BASE)).map(({ path, id }) => [path, id]))
  }

  read = async (id: string): Promise<string> =>
    git(this.folder, ['cat-file', 'blob', id], { env: this.#env }).then(text => `${text}\n`)

  reader = () => new ObjectReader(this.folder, this.#env)
  writer = () => new BlobWriter(this.folder, this.#env)

  /** Of the wiki, the newest first; since a commit, where that is still known. */
  async wikiCommits(since: string | undefined): Promise<WikiCommit[]> {
    const isKnown = since !== undefined && (await this.#isThere(since))
    const range = isKnown ? `${since}..${WIKI}` : WIKI
    const format = '--format=%aI%x00%an <%ae>%x00%s%x01'
    const listed = await git(this.folder, ['log', format, '--max-count=1000', range], { env: this.#env })
    return listed.split('\x01').flatMap(line => {
      const [when = '', author = '', subject = ''] = line.trim().split('\0')
      return when === '' ? [] : [{ when, author, subject }]
    })
  }

  /** What stands at our branch: its message, and what its commit changes, path → blob (`undefined` for a removed one). */
  async branchCommit(): Promise<{ message: string; changes: Map<string, string | undefined> } | undefined> {
    const message = await git(this.folder, ['log', '-1', '--format=%B', BRANCH], { env: this.#env })
    const parents = await git(this.folder, ['log', '-1', '--format=%P', BRANCH], { env: this.#env })
    if (!/^[0-9a-f]+$/.test(parents)) return undefined
    const raw = await git(this.folder, ['diff-tree', '-r', '-z', '--no-renames', parents, BRANCH], { env: this.#env })
    const changes = new Map<string, string | undefined>()
    const parts = raw.split('\0')
    for (let i = 0; i + 1 < parts.length; i += 2) {
      const [, , , id = '', status] = (parts[i] ?? '').split(' ')
      changes.set(parts[i + 1] ?? '', status === 'D' ? undefined : id)
    }
    return { message, changes }
  }

  /** A commit on top of the default branch. `set`: path → blob. */
  async commit(
    set: ReadonlyMap<string, string>,
    remove: readonly string[],
    message: string,
    when: Date,
  ): Promise<string> {
    const person = { NAME: 'catalog-gate wiki', EMAIL: 'catalog-gate@localhost', DATE: when.toISOString() }
    const env: NodeJS.ProcessEnv = { ...this.#env, GIT_INDEX_FILE: join(this.folder, 'index-of-docs') }
    for (const [part, value] of Object.entries(person))
      for (const who of ['AUTHOR', 'COMMITTER']) env[`GIT_${who}_${part}`] = value
    await git(this.folder, ['read-tree', BASE], { env })
    const lines = [
      ...remove.map(path => `0 ${'0'.repeat(40)}\t${path}\0`),
      ...[...set].map(([path, id]) => `100644 ${id}\t${path}\0`),
    ]
    await git(this.folder, ['update-index', '-z', '--add', '--replace', '--index-info'], { env, input: lines.join('') })
    // Contents that were never fetched are there on the other side.
    const tree = await git(this.folder, ['write-tree', '--missing-ok'], { env })
    return git(this.folder, ['commit-tree', tree, '-p', BASE, '-F', '-'], { env, input: message })
  }

  /** Only where the branch still stands at `from`. */
  async push(commit: string, branch: string, from: string | undefined): Promise<true | GitTrouble> {
    const lease = `--force-with-lease=refs/heads/${branch}:${from ?? ''}`
    const run = await runGit(this.folder, ['push', '--quiet', lease, 'origin', `${commit}:refs/heads/${branch}`], {
      env: this.#env,
    })
    return run.exitCode === 0 ? true : troubleOf(run.stderr)
  }

  async #lsRemote(url: string, patterns: readonly string[]): Promise<Refs | GitTrouble> {
    const run = await runGit(this.folder, ['ls-remote', '--symref', url, ...patterns], { env: this.#env })
    if (run.exitCode !== 0) return troubleOf(run.stderr)
    const byName = new Map<string, string>()
    let headBranch: string | undefined
    for (const line of run.stdout.split('\n')) {
      const [value = '', name = ''] = line.split('\t')
      if (value.startsWith('ref: ') && name === 'HEAD') headBranch = value.slice('ref: refs/heads/'.length)
      else if (name !== '') byName.set(name, value)
    }
    const head = byName.get('HEAD')
    return {
      result: 'refs',
      byName,
      ...(head === undefined ? {} : { head }),
      ...(headBranch === undefined ? {} : { headBranch }),
    }
  }

  async #fetch(args: readonly string[]): Promise<true | GitTrouble> {
    const run = await runGit(this.folder, ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...args], {
      env: this.#env,
    })
    return run.exitCode === 0 ? true : troubleOf(run.stderr)
  }

  async #list(ref: string): Promise<WikiFile[]> {
    // Sizes would fetch every content of a repository whose contents were left out.
    const withSize = ref === WIKI ? ['--long'] : []
    const listed = await git(this.folder, ['ls-tree', '-r', '-z', '--full-tree', ...withSize, ref], { env: this.#env })
    return listed.split('\0').flatMap(line => {
      const [about = '', path = ''] = [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]
      const [mode = '', , id = '', size] = about.split(/ +/)
      return id === '' ? [] : [{ path, mode, id, bytes: Number(size) || 0 }]
    })
  }

  #isThere = async (commit: string): Promise<boolean> =>
    (
      await runGit(this.folder, ['cat-file', '-e', `${commit}^{commit}`], {
        env: { ...this.#env, GIT_NO_LAZY_FETCH: '1' },
      })
    ).exitCode === 0
}

function environment({ webUrl, token, caFile }: Remote): NodeJS.ProcessEnv {
  // Only for this host: a redirect elsewhere gets no token.
  const helper =
    '!f() { test "$1" = get || exit 0; echo username=x-access-token; printf password=; if test -n "$CATALOG_GATE_TOKEN_FILE"; then head -n 1 "$CATALOG_GATE_TOKEN_FILE"; else echo "$CATALOG_GATE_TOKEN"; fi | tr -d "\\r "; echo; }; f'
  const settings = [
    ['credential.helper', ''],
    [`credential.${webUrl}.helper`, helper],
    ['protocol.allow', 'never'],
    [`protocol.${webUrl.startsWith('http:') ? 'http' : 'https'}.allow`, 'always'],
    // A server that says nothing for so long is gone.
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '60'],
    ['gc.auto', '0'],
    ...(caFile === undefined ? [] : [['http.sslCAInfo', caFile]]),
  ]
  const env: NodeJS.ProcessEnv = {
    ...ownEnvironment(),
    ...('file' in token ? { CATALOG_GATE_TOKEN_FILE: token.file } : { CATALOG_GATE_TOKEN: token.text }),
    GIT_CONFIG_COUNT: String(settings.length),
  }
  for (const [i, [key, value]] of settings.entries()) {
    env[`GIT_CONFIG_KEY_${i}`] = key
    env[`GIT_CONFIG_VALUE_${i}`] = value
  }
  return env
}

function troubleOf(stderr: string): GitTrouble {
  const words =
    stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^(fatal|error|remote): /, '') ?? ''
  if (/not found|does not exist|not appear to be a git repository/i.test(stderr)) return { result: 'none' }
  const isSetUp = /Authentication failed|could not read Username|403|SSL certificate|Could not resolve host/i.test(
    stderr,
  )
  return { result: 'trouble', words, isSetUp, isForAll: isSetUp }
}
