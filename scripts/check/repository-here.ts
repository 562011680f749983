// Which repository the working folder is a clone of, to tell its own URLs from others: from CI's variables, else from git's own file.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Repository } from '../../hooks/catalog/checks/placeholder.ts'

export function repositoryHere(cwd: string, env: NodeJS.ProcessEnv): Repository {
  const fullName = env['GITHUB_REPOSITORY']
  const server = env['GITHUB_SERVER_URL']
  if (fullName && server && URL.canParse(server)) return { fullName, host: new URL(server).hostname }
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      return fromRemote(readFileSync(join(folder, '.git/config'), 'utf8'))
    } catch {
      // not here: look above
    }
    if (dirname(folder) === folder) return {}
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
