// A repository with pushes of every kind, a patient and an impatient hook, Nodes that fail, and what must hold of every run.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../../support/repository.ts'
import { BAD, buildInto, component, GOOD, type HookRun, runHook } from '../built-hook.ts'

/** Long enough for a busy machine to start Node, short enough to wait for. */
const LIMIT_MS = 2000
/** A bound on what has no end, not on how fast the machine is: the exact numbers are the bench's. */
const HANG_MS = 30_000

export const SHELLS = ['dash', 'bash'] as const

const DOCUMENTED = component('b').replace(
  'metadata:\n',
  "metadata:\n  annotations: {backstage.io/techdocs-ref: 'dir:.'}\n",
)

/** Ref lines of pushes to one repository, named by what the last commit of each brings; and two commits of main. */
type Pushed = Record<
  'bad' | 'good' | 'other' | 'newBranch' | 'newOther' | 'first' | 'documented' | 'undocumented' | 'tip' | 'older',
  string
>

type RunOptions = {
  env?: Record<string, string | undefined>
  /** Words before the hook: a shell, a namespace. */
  before?: string[]
  /** Of the hook whose time runs out soon. */
  impatient?: boolean
}

export type PreludeFixture = {
  host: RepositoryHost
  hook: string
  repository: BareRepository
  pushed: Pushed
  run: (input: string, options?: RunOptions) => Promise<HookRun>
  /** A file that stands for Node. */
  fake: (name: string, body: string) => string
  /** A folder for PATH that holds only these programs. */
  pathOf: (name: string, programs: Record<string, string>) => string
}

/** For the file that calls it at its top: built before its first test, gone after its last. */
export function usePreludeFixture(): PreludeFixture {
  let host: RepositoryHost
  let hook: string
  let impatientHook: string
  let repository: BareRepository
  let pushed: Pushed
  before(async () => {
    host = await createRepositoryHost({ onDisk: true })
    hook = await buildInto(host.directory, 'catalog-gate')
    impatientHook = await buildInto(host.directory, 'impatient', { limits: { timeMs: LIMIT_MS } })
    repository = await host.create('acme/one')
    pushed = await push(repository)
  })
  after(() => host.remove())
  return {
    get host() {
      return host
    },
    get hook() {
      return hook
    },
    get repository() {
      return repository
    },
    get pushed() {
      return pushed
    },
    run: (input, { env = {}, before = [], impatient = false } = {}) =>
      runHook([...before, impatient ? impatientHook : hook], { cwd: repository.directory, env, input }),
    fake(name, body) {
      const file = join(host.directory, name)
      writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
      return file
    },
    pathOf(name, programs) {
      const folder = join(host.directory, name)
      mkdirSync(folder)
      for (const [program, target] of Object.entries(programs)) symlinkSync(target, join(folder, program))
      return folder
    },
  }
}

async function push(repository: BareRepository): Promise<Pushed> {
  const copy = await repository.clone()
  const ids: string[] = []
  for (const files of [
    { 'catalog-info.yaml': GOOD },
    { 'README.md': 'x', 'main.go': '', 'a b.txt': '{}' },
    { 'catalog-info.yaml': component('b') },
    { 'catalog-info.yaml': BAD },
    { 'catalog-info.yaml': DOCUMENTED, 'mkdocs.yml': 'site_name: b' },
    { 'catalog-info.yaml': DOCUMENTED.replace('name: b', 'name: c') },
    { 'x/catalog-info.yaml': DOCUMENTED.replace('name: b', 'name: x') },
  ]) {
    await copy.change(files)
    ids.push(await copy.git('rev-parse', 'HEAD'))
  }
  const line = (from: number, to: number) => `${ids[from]} ${ids[to]} refs/heads/main\n`
  const topic = (to: number) => `${'0'.repeat(40)} ${ids[to]} refs/heads/topic\n`
  return {
    other: line(0, 1),
    good: line(1, 2),
    bad: line(2, 3),
    first: line(3, 4),
    documented: line(4, 5),
    undocumented: line(5, 6),
    newOther: topic(1),
    newBranch: topic(2),
    tip: ids[0] ?? '',
    older: ids[1] ?? '',
  }
}

/** What must hold of a run. */
export const assertRun: {
  accepted: (run: HookRun) => void
  /** One line that begins so, nothing else, accepted, and nobody left behind. */
  acceptedWithOneLine: (run: HookRun, expected: RegExp) => void
  refused: (run: HookRun) => void
  /** Long before it would have ended by itself. */
  ended: (run: HookRun) => void
} = {
  accepted(run) {
    assert.deepEqual([run.exitCode, run.stdout, run.stderr], [0, '', ''])
  },
  acceptedWithOneLine(run, expected) {
    assert.equal(run.exitCode, 0, `${run.stdout}${run.stderr}`)
    assert.match(run.stdout, /^warning: [^\n]*\n$/)
    assert.match(run.stdout, expected)
    assert.match(run.stdout, /; the push was accepted unchecked\n$/)
    assert.equal(run.stderr, '')
    assertRun.ended(run)
  },
  refused(run) {
    assert.equal(run.exitCode, 1, `${run.stdout}${run.stderr}`)
    assert.match(run.stdout, /^error: this push was not accepted: 1 problem in catalog-info.yaml\n/)
    assert.equal(run.stderr, '')
    assert.deepEqual(run.leftBehind, [])
  },
  ended(run) {
    assert.ok(run.tookMs < HANG_MS, `${run.tookMs} ms`)
    assert.deepEqual(run.leftBehind, [])
  },
}
