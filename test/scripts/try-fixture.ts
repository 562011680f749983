// Repositories for `catalog-gate try`, and the command run in them with a temporary folder of its own.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import { gitEnvironment } from '../support/git.ts'

export const program = resolve(import.meta.dirname, '../../dist/catalog-gate.mjs')
export const folder = mkdtempSync(join(tmpdir(), 'try-test-'))
/** Where `try` makes its temporary folder: empty again at its end. */
export const temporary = join(folder, 'tmp')
export const plain = join(folder, 'plain')

export const GOOD = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
spec:
  type: service
  lifecycle: production
  owner: team-a
`
const cache = process.env['NODE_COMPILE_CACHE']
export const env = {
  ...gitEnvironment({ HOME: folder, TMPDIR: temporary, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) }),
  GIT_AUTHOR_NAME: 'Mona',
  GIT_AUTHOR_EMAIL: 'mona@example.com',
  GIT_COMMITTER_NAME: 'Mona',
  GIT_COMMITTER_EMAIL: 'mona@example.com',
}
export const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'protocol.file.allow=always', ...args], { cwd, env, encoding: 'utf8' }).trim()

/** A repository with these files in one commit; without files, and without a commit. */
export function makeRepository(name: string, files: Record<string, string>, ...options: string[]): string {
  const repository = join(folder, name)
  mkdirSync(repository)
  git(repository, 'init', '--quiet', '--initial-branch=main', ...options)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(repository, path, '..'), { recursive: true })
    writeFileSync(join(repository, path), text)
  }
  git(repository, 'add', '--all')
  if (Object.keys(files).length > 0) git(repository, 'commit', '--quiet', '-m', 'x')
  return repository
}

export function tryIn(cwd: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, 'try', ...args], { cwd, env, encoding: 'utf8' })
}

/** Makes them, and takes them away in the end. */
export function useRepositories(): void {
  before(() => {
    assert.ok(existsSync(program), 'npm run build first')
    mkdirSync(temporary)
    makeRepository('plain', { 'catalog-info.yaml': GOOD, 'src/main.ts': '\n' })
    git(plain, 'remote', 'add', 'origin', 'git@ghe.example.com:acme/payments.git')
  })
  beforeEach(() => mkdirSync(temporary, { recursive: true }))
  after(() => rmSync(folder, { recursive: true, force: true }))
}

/** The four pushes, in their order: Accepted or Refused. */
export const verdicts = (stdout: string) => stdout.match(/^ {2}(Accepted|Refused)/gm)?.map(word => word.trim())
export const USUAL = ['Accepted', 'Refused', 'Accepted', 'Accepted']
