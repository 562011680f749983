// Our reading of a URL as a file of a repository is git-url-parse's, by which the catalog decides.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { type GitFile, gitFile } from '../../hooks/catalog/checks/git-url.ts'
import { type Random, randomFrom } from './random.ts'
import { targets } from './values.ts'

const parseGitUrl = createRequire(import.meta.url)('git-url-parse') as (url: string) => {
  owner: string
  name: string
  filepath: string
  resource: string
  full_name: string
}

const SCHEMES = ['https://', 'http://', 'ssh://', 'git@', 'a:', 'file://', 'git+ssh://', 'ftp://', 'HTTPS://']
const HOSTS = [
  'github.com',
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
  'azure.com',
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
  'é',
  '_git',
  'DefaultCollection',
  'commits',
  '.',
  '..',
]
const ENDS = ['', '', '', '?path=/a', '?path=//a/b&version=GBx', '?at=main', '#L1', '?raw', '?path=', '?path=a&path=b']

const someUrl = (r: Random) =>
  r.chance(0.05)
    ? r.pick(targets)
    : `${r.pick(SCHEMES)}${r.pick(HOSTS)}/${Array.from({ length: r.int(9) }, () => r.pick(WORDS)).join('/')}${r.pick(ENDS)}`

/** As the catalog asks (PlaceholderProcessor.assertSameRepository): what cannot be parsed names no file. */
function reference(target: string): GitFile | undefined {
  if (!URL.canParse(target)) return undefined
  try {
    const { owner, name, filepath, resource, full_name } = parseGitUrl(target)
    return owner && name && filepath ? { host: resource, fullName: full_name } : undefined
  } catch {
    return undefined
  }
}

test('a URL names the same file of the same repository for us and for git-url-parse', () => {
  let files = 0
  for (let seed = 0; seed < 50_000; seed++) {
    const target = someUrl(randomFrom(seed))
    const expected = reference(target)
    if (expected) files++
    assert.deepEqual(gitFile(target), expected, `seed ${seed}: ${target}`)
  }
  assert.ok(files > 2000, `only ${files} URLs named a file`)
})
