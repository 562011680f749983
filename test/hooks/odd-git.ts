// Gits that a hook finds first on its PATH: one that writes down its calls, one that never answers some of them, one that crashes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()

/** A folder that holds such a `git` and nothing else. */
export function oddGit(folder: string, script: string): string {
  mkdirSync(folder)
  writeFileSync(join(folder, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return folder
}

/** `PATH` for the hook; `calls`: the git commands since it was last asked, in alphabetical order. */
export function countingGit(folder: string): { PATH: string; calls: () => string[] } {
  const log = join(folder, 'log')
  const last =
    '$(printf %s "$*" | sed "s/.*\\(diff-tree\\|diff\\|rev-parse\\|rev-list\\|merge-base\\|for-each-ref\\|ls-tree\\|grep\\|cat-file --batch[a-z-]*\\).*/\\1/")'
  oddGit(folder, `printf '%s\\n' "${last}" >>'${log}'\nexec '${git}' "$@"`)
  writeFileSync(log, '')
  return {
    PATH: `${folder}:${process.env['PATH']}`,
    calls() {
      const calls = readFileSync(log, 'utf8').trim().split('\n').sort()
      writeFileSync(log, '')
      return calls
    },
  }
}

/** Every call whose arguments contain the word hangs. */
export function hangingGit(folder: string, word: string): string {
  const sleep = execFileSync('sh', ['-c', 'command -v sleep'], { encoding: 'utf8' }).trim()
  return oddGit(folder, `case " $* " in *" ${word} "*) exec ${sleep} 600 ;; esac\nexec '${git}' "$@"`)
}
