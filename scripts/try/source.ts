// What there is to know of the user's own repository; it is read, never written.
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repositoryHere } from '../check/repository-here.ts'
import { runGit, userEnvironment } from '../git/run-git.ts'

export type Source = {
  /** The repository's top folder, or the bare repository itself. */
  folder: string
  /** OWNER/NAME, from the remote "origin"; else `local/` and the folder's name. */
  fullName: string
  objectFormat: string
  /** Where objects lie: its own folder, and those that it borrows from. */
  objects: [string, ...string[]]
  /** The list of commits whose parents are not here; absent when it is a whole clone. */
  shallowFile?: string
  defaultBranch: string
  /** HEAD's commit; absent in a repository without commits. */
  head?: { commit: string; where: string }
  /** What the user should know about what is tried. */
  notes: string[]
}

export type Looked = { result: 'repository'; source: Source } | { result: 'none'; reason: string }

/** `named` is a folder or a file:// URL; every other URL is refused, since nothing is fetched. */
export async function lookAt(named: string): Promise<Looked> {
  if (/^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(named) || (/^[^/]+@[^/]+:/.test(named) && !existsSync(named)))
    return none(`${named} is on another machine; clone it, and name the clone`)
  let folder: string
  try {
    folder = named.startsWith('file:') ? fileURLToPath(named) : resolve(named)
  } catch {
    return none(`${named} is not a URL of a folder on this machine; expected file:///path/to/repository`)
  }
  if (!existsSync(folder)) return none(`${folder} does not exist`)
  if (!statSync(folder).isDirectory()) return none(`${folder} is a file; expected a folder of a git repository`)
  const ask = async (...args: string[]) => {
    const { exitCode, stdout } = await runGit(folder, args, { env: userEnvironment() })
    return exitCode === 0 ? stdout.replace(/\n$/, '') : ''
  }
  const dir = await runGit(folder, ['rev-parse', '--git-common-dir'], { env: userEnvironment() })
  if (dir.exitCode !== 0) return none(whyNot(folder, dir.stderr))
  // Relative to the folder; --path-format=absolute came with git 2.31 only.
  const gitDir = realpathSync(resolve(folder, dir.stdout.replace(/\n$/, '')))
  const top = (await ask('rev-parse', '--show-toplevel')) || gitDir
  const [objects, shallow] = [join(gitDir, 'objects'), join(gitDir, 'shallow')]
  const commit = await ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')
  const branch = await ask('symbolic-ref', '--quiet', '--short', 'HEAD')
  const remoteHead = (await ask('symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD')).replace(
    /^origin\//,
    '',
  )
  const isPartial = (await ask('config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor)$')) !== ''
  // Untracked files are not looked for: that would walk the whole folder.
  const changed = await ask('status', '--porcelain', '--untracked-files=no', '--', '*.yaml', '*.yml')
  return {
    result: 'repository',
    source: {
      folder: top,
      fullName: repositoryHere(gitDir.endsWith('/.git') ? dirname(gitDir) : gitDir, {}).fullName ?? localName(top),
      objectFormat: (await ask('rev-parse', '--show-object-format')) || 'sha1',
      objects: [objects, ...borrowedBy(objects)],
      ...(existsSync(shallow) ? { shallowFile: shallow } : {}),
      defaultBranch: remoteHead || branch || 'main',
      ...(commit === ''
        ? {}
        : { head: { commit, where: branch === '' ? `detached at ${commit.slice(0, 10)}` : branch } }),
      notes: [
        ...(changed === ''
          ? []
          : ['changes that are not committed are not pushed; catalog-gate check looks at files as they are']),
        ...(existsSync(shallow) ? ['a shallow clone: only the commits that are here are pushed'] : []),
        ...(isPartial ? ['a partial clone: files that are not here cannot be checked, and nothing is fetched'] : []),
      ],
    },
  }
}

const none = (reason: string): Looked => ({ result: 'none', reason })

function whyNot(folder: string, stderr: string): string {
  if (/dubious ownership/.test(stderr))
    return `${folder} belongs to another user, so git does not read it; git config --global --add safe.directory ${folder}`
  if (/not a git repository/.test(stderr))
    return `${folder} is not in a git repository; name one: catalog-gate try /path/to/repository`
  return `${folder}: git cannot read it: ${stderr.trim().split('\n')[0]}`
}

const localName = (folder: string) =>
  `local/${
    basename(folder)
      .replace(/\.git$/, '')
      .replaceAll(/[^\w.-]/g, '-') || 'repository'
  }`

/** Folders named in info/alternates, and in theirs: a chain of clones with --shared or --reference. */
function borrowedBy(objects: string, seen: string[] = []): string[] {
  let text = ''
  try {
    text = readFileSync(join(objects, 'info/alternates'), 'utf8')
  } catch {
    return [] // the usual repository borrows nothing
  }
  const found = text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => resolve(objects, line))
  return found.flatMap(folder => (seen.includes(folder) ? [] : [folder, ...borrowedBy(folder, [...seen, folder])]))
}
