// Which repository the working folder is a clone of, to tell its own URLs from others: from CI's variables, else from git's own file.
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Repository } from '../../hooks/catalog/checks/placeholder-url.ts'

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
