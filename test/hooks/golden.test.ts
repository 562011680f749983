// Golden cases: test/cases/NAME.yaml stands as catalog-info.yaml in a push, test/cases/NAME.txt is what the pusher sees, to the letter.
//
// The hook runs in this process; every tenth case is really pushed to the built one as well, and what comes through is the same.
// A missing .txt fails. After a change of words: node --test --test-update-snapshots test/hooks/golden.test.ts, and read the difference.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gitIn } from '../../hooks/push/git.ts'
import { correctionOf } from '../../hooks/run/correction.ts'
import { runHook } from '../../hooks/run/run-hook.ts'
import { blobId } from '../../schemas/blob-id.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { bakeHookConfig } from '../../scripts/config/hook-config.ts'
import { gitEnvironment, runGit } from '../support/git.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import type { WorkingCopy } from '../support/working-copy.ts'
import { buildInto, ZERO } from './built-hook.ts'

const cases = join(import.meta.dirname, '../cases')
const names = globSync('*.yaml', { cwd: cases })
  .map(file => basename(file, '.yaml'))
  .sort()
const yamlOf = (name: string) => readFileSync(join(cases, `${name}.yaml`))

let host: RepositoryHost
let repository: BareRepository
let copy: WorkingCopy
let start: string
/** By case. No ref of the repository holds them, as none holds what is being pushed. */
let commits: Map<string, string>

before(async () => {
  host = await createRepositoryHost()
  repository = await host.create('acme/payments', { hooks: [await buildInto(host.directory, 'catalog-gate')] })
  await runGit(repository.directory, ['fast-import', '--quiet'], {
    input: Buffer.concat([base, ...names.map(commitOf)]),
  })
  start = await repository.git('rev-parse', 'main')
  const rows = await repository.git('for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/cases')
  commits = new Map(rows.split('\n').map(row => [row.slice(41), row.slice(0, 40)]))
  const removal = names.map(name => `delete refs/cases/${name}\n`).join('')
  await runGit(repository.directory, ['update-ref', '--stdin'], { input: removal })
  copy = await repository.clone() // on the same disk all objects come along
})
after(() => host.remove())

const COMMITTER = 'committer Mona <mona@example.com> 1790000000 +0000\ndata 1\nx\n'
const base = Buffer.from(`commit refs/heads/main\nmark :1\n${COMMITTER}M 100644 inline README.md\ndata 1\nx\n`)
const commitOf = (name: string): Buffer => {
  const yaml = yamlOf(name)
  const head = `commit refs/cases/${name}\n${COMMITTER}from :1\nM 100644 inline catalog-info.yaml\ndata ${yaml.length}\n`
  return Buffer.concat([Buffer.from(head), yaml, Buffer.from('\n')])
}

const baked = bakeHookConfig({})
if (baked.result === 'wrong') throw new Error('the defaults are wrong')
const { config } = baked

/** What the run of a hook on it says, in this process: the prelude's words for the one changed file; git for what else is asked. */
async function said(commit: string, yaml: Buffer): Promise<{ exitCode: number; text: string }> {
  const id = blobId(yaml)
  const head = `head refs/heads/main\nbase \nref ${start} ${commit} refs/heads/main\n${commit}\n`
  const raw = `:000000 100644 ${ZERO} ${id} A\tcatalog-info.yaml\ncontents\n${id} blob ${yaml.length}\n`
  const handover = Buffer.concat([Buffer.from(head + raw), yaml, Buffer.from('\n')])
  let text = ''
  const exitCode = await runHook(
    { config, gate: { profile, correctionOf } },
    {
      input: Readable.from([handover]),
      moreRefs: () => Readable.from([]),
      env: { GITHUB_REPO_NAME: 'acme/payments' },
      git: gitIn({ ...gitEnvironment(), GIT_DIR: repository.directory }),
      paused: () => undefined,
      isInTesting: () => false,
      deadline: { leftMs: () => config.limits.timeMs, isOver: () => false },
      now: Date.now,
      connect: () => undefined,
      write: words => {
        text += words
      },
    },
  )
  return { exitCode, text: text.replaceAll(/ +$/gm, '') }
}

for (const [i, name] of names.entries()) {
  test(name, async t => {
    const commit = commits.get(name) ?? ZERO
    const { exitCode, text } = await said(commit, yamlOf(name))
    assert.equal(exitCode === 0, !text.startsWith('error: '), text)
    if (/^[\n -~]*$/.test(yamlOf(name).toString('latin1'))) assert.match(text, /^[\n -~]*$/, 'our own words are ASCII')
    t.assert.fileSnapshot(text, join(cases, `${name}.txt`), { serializers: [String] })
    if (i % 10 !== 0) return
    const push = await copy.push({ refs: [`${commit}:refs/heads/main`], force: true })
    assert.equal(push.remote, text.trimEnd())
  })
}
