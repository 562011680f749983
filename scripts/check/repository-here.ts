// Which repository the working folder is a clone of, to tell its own URLs from others: from CI's variables, else from git's own file.
import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { Repository } from '../../hooks/catalog/checks/placeholder-url.ts'

/** That of the working folder; or, where the first file that is checked lies outside of it, the one in which that file lies. */
export function repositoryOf(first: string, { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Repository {
  const here = repositoryHere(cwd, env)
  const folder = dirname(resolve(cwd, first))
  if (here.root !== undefined && !relative(here.root, folder).startsWith('..')) return here
  const there = repositoryHere(folder, env)
  return there.root === undefined ? here : { ...there, folder: relative(there.root, cwd) }
}

export function repositoryHere(cwd: string, env: NodeJS.ProcessEnv): Repository {
  const fullName = env['GITHUB_REPOSITORY']
  const server = env['GITHUB_SERVER_URL']
  const ofCi = fullName && server && URL.canParse(server) ? { fullName, host: new URL(server).hostname } : undefined
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      const config = readFileSync(join(folder, '.git/config'), 'utf8')
      return { ...(ofCi ?? fromRemote(config)), folder: relative(folder, cwd), root: folder }
    } catch {
      // not here: look above
    }
    if (dirname(folder) === folder) return ofCi ?? {}
  }
}

/** The remote "origin" of a git configuration, by https or ssh. */
function fromRemote(config: string): Repository {
  const url = /\[remote "origin"\][^[]*?^\s*url\s*=\s*(\S+)/m.exec(config)?.[1] ?? ''
  const match =
    /^(?:https?:\/\/(?:[^/@]*@)?|ssh:\/\/(?:[^/@]*@)?|[^/@:]+@)([^/:]+)(?::\d+)?[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(
      url,
    )
  return match?.[1] && match[2] ? { host: match[1], fullName: match[2] } : {}
}
