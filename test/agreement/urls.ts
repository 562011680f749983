// Random URLs near what the hosts of git repositories have, and fixed shapes of what placeholders name.

import { targets } from './placeholder-values.ts'
import { type Random, randomFrom } from './random.ts'

const SCHEMES = ['https://', 'http://', 'ssh://', 'git@', 'a:', 'file://', 'git+ssh://', 'ftp://', 'HTTPS://']
const HOSTS = [
  'github.com',
  'ghe.example.com',
  'ghe.example.com',
  'gitlab.com',
  'dev.azure.com',
  'o.visualstudio.com',
  'vs-ssh.visualstudio.com',
  'ssh.dev.azure.com',
  'x.git.cloudforge.com',
  'git.cloudforge.com',
  'bitbucket.org',
  'a',
  '',
  '[::1]',
  'user@h.example',
  'user:pw@h.example:8080',
  'user@o.visualstudio.com',
  'azure.com',
  'GHE.example.com:8443',
]
const WORDS = [
  'a',
  'b',
  'org',
  'repo',
  'blob',
  'tree',
  '-',
  'issues',
  'commit',
  'src',
  'raw',
  'edit',
  'scm',
  'projects',
  'users',
  'repos',
  'browse',
  'main',
  '',
  'c.git',
  '%20',
  '%',
  '%25',
  '%252e%252e',
  '%2e%2e',
  'é',
  '_git',
  'DefaultCollection',
  'commits',
  '.',
  '..',
]
const ENDS = ['', '', '', '?path=/a', '?path=//a/b&version=GBx', '?at=main', '#L1', '?raw', '?path=', '?path=a&path=b']

const words = (r: Random, most: number) => Array.from({ length: r.int(most) }, () => r.pick(WORDS))

export const someUrl = (r: Random): string =>
  r.chance(0.05) ? r.pick(targets) : `${r.pick(SCHEMES)}${r.pick(HOSTS)}/${words(r, 9).join('/')}${r.pick(ENDS)}`

/** What a placeholder in a file of `org/repo` on ghe.example.com may have as its value: half of them climb. */
export function someTarget(r: Random): string {
  if (r.chance(0.4)) return someUrl(r)
  if (r.chance(0.3)) return `https://ghe.example.com/org/repo/${words(r, 6).join('/')}${r.pick(ENDS)}`
  const start = r.pick(['', './', '/', '//', '../', '../../', '../../../', '../../../../', '/../', ':'])
  return start + words(r, 6).join('/') + r.pick(ENDS)
}

export const targetOf = (seed: number) => someTarget(randomFrom(seed))
