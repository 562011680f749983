// Files made to hurt: each ends in time, within its memory, with an answer, and nothing of it reaches the terminal raw.
//
// The built hook on a real bare repository, with ref lines on stdin as GHES gives them. The figures are printed; how many milliseconds
// each may take is the bench's to say. Here time is the processor's own, and bounded so that no machine reaches it.
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { buildInto, type HookRun, runHook } from '../hooks/built-hook.ts'
import { isWhole } from '../support/campaign.ts'
import { runGit } from '../support/git.ts'
import { type BareRepository, createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { cases, type Files } from './hostile-cases.ts'

/** The slowest takes 2 s here; what goes through a text again and again for each of its characters takes minutes. */
const MAX_CPU_MS = 20_000
const MAX_RSS_MB = 200
/** 20 problems, each with its frame, at a width that is bounded too. */
const MAX_OUTPUT_BYTES = 20_000
/** Every eighth in the small form: some of each sort. */
const tried = isWhole ? cases : cases.filter((_, i) => i % 8 === 0)

type Used = { rssMb: number; cpuMs: number }

/** What a terminal may be given: line feeds, and characters that only print. */
function assertPrintsOnly(output: Buffer): void {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(output)
  const bad = /[^\n\P{C}]|\p{Zl}|\p{Zp}/u.exec(text)
  assert.equal(
    bad,
    null,
    `character ${bad?.[0].codePointAt(0)?.toString(16)} reached the terminal: ${JSON.stringify(text.slice(Math.max(0, (bad?.index ?? 0) - 80), (bad?.index ?? 0) + 20))}`,
  )
}

suite('hostile input', () => {
  let host: RepositoryHost
  let repository: BareRepository
  let hook: string
  let base: string
  let hasty: string
  let usedFile: string
  let node: string
  let commits = 0

  before(async () => {
    host = await createRepositoryHost()
    hook = await buildInto(host.directory, 'catalog-gate')
    hasty = await buildInto(host.directory, 'hasty', { limits: { timeMs: 1000 } }, 'catalog-gate', {
      runsOften: isWhole,
    })
    repository = await host.create('acme/hostile')
    base = await commit({ 'README.md': 'x' }, undefined)
    await repository.git('update-ref', 'refs/heads/main', base)
    usedFile = join(host.directory, 'used')
    // Written by the hook's own Node as its last act: the peak of its memory, its time. Nothing there: it was killed.
    const write = `require('node:fs').writeFileSync(${JSON.stringify(usedFile)}, JSON.stringify(process.resourceUsage()))`
    const used = join(host.directory, 'used.cjs')
    writeFileSync(used, `process.on('exit', () => ${write})\n`)
    // A hook passes none of NODE_OPTIONS on.
    node = join(host.directory, 'measured-node')
    writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' --require='${used}' "$@"\n`, { mode: 0o755 })
  })
  after(() => host.remove())

  async function commit(files: Files, parent: string | undefined, modes: Record<string, string> = {}): Promise<string> {
    const branch = `refs/heads/made-${++commits}`
    const parts: Buffer[] = [
      Buffer.from(
        `commit ${branch}\ncommitter Mona <mona@example.com> 1790000000 +0000\ndata 1\nx\n${parent ? `from ${parent}\n` : ''}`,
      ),
    ]
    for (const [path, content] of Object.entries(files)) {
      const bytes = Buffer.from(content)
      const quoted = [...Buffer.from(path)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
      parts.push(
        Buffer.from(`M ${modes[''] ?? '100644'} inline "${quoted}"\ndata ${bytes.length}\n`),
        bytes,
        Buffer.from('\n'),
      )
    }
    const run = await runGit(repository.directory, ['fast-import', '--quiet', '--force'], {
      input: Buffer.concat(parts),
    })
    assert.equal(run.exitCode, 0, run.stderr)
    return repository.git('rev-parse', branch)
  }

  async function push({ files, modes, endless }: (typeof cases)[number]): Promise<HookRun & Used> {
    const after = await commit(files, base, modes)
    rmSync(usedFile, { force: true })
    const run = await runHook([endless ? hasty : hook], {
      cwd: repository.directory,
      env: { GIT_DIR: repository.directory, CATALOG_GATE_NODE: node },
      input: `${base} ${after} refs/heads/main\n`,
    })
    return { ...run, ...used() }
  }

  function used(): Used {
    try {
      const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usedFile, 'utf8')) as NodeJS.ResourceUsage
      return { rssMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }
    } catch {
      return { rssMb: Number.NaN, cpuMs: Number.NaN } // killed, or Node never started: the assertion tells
    }
  }

  for (const one of tried) {
    const { name, ends, says, endless } = one
    test(name, async t => {
      const run = await push(one)
      const size = Buffer.byteLength(run.stdout)
      t.diagnostic(
        `${run.exitCode === 0 ? 'accepted' : 'rejected'} in ${Math.round(run.tookMs)} ms, ${Math.round(run.cpuMs)} ms of it at work, ${Math.round(run.rssMb)} MB, ${size} bytes said`,
      )
      assert.equal(run.stderr, '')
      assertPrintsOnly(Buffer.from(run.stdout))
      assert.ok(size <= MAX_OUTPUT_BYTES, `${size} bytes`)
      if (ends !== 'answered') assert.equal(run.exitCode, ends === 'rejected' ? 1 : 0, run.stdout.slice(0, 2000))
      if (run.exitCode === 1) assert.match(run.stdout, /^error: this push was not accepted/)
      else if (ends === 'accepted, told') assert.match(run.stdout, /^warning: /)
      // Accepted without a word is what was looked at and is right, as blank lines and comments are.
      else if (run.stdout !== '')
        assert.match(run.stdout, /not checked|no entity in it|accepted with|accepted unchecked/)
      if (says) assert.match(run.stdout, says)
      assert.doesNotMatch(run.stdout, /an error of (?:ours|its own)/)
      // Whether the script itself notices the end of its time, or is ended, hangs on how busy the machine is.
      if (endless) return
      assert.ok(run.cpuMs <= MAX_CPU_MS, `took ${run.cpuMs} ms`)
      assert.ok(run.rssMb <= MAX_RSS_MB, `took ${run.rssMb} MB`)
    })
  }
})
