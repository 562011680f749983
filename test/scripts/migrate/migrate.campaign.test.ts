// A migration of many repositories: what its plan costs, and that one which is killed again and again comes to the same end.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { randomFrom } from '../../agreement/random.ts'
import { builtOr } from '../../support/built.ts'
import { rounds, seed } from '../../support/campaign.ts'
import { MemoryGhes } from './memory-ghes.ts'
import { kinds, MigrateFixture } from './migrate-fixture.ts'

const REPOSITORIES = rounds(24, 2000)
const KILLS = rounds(2, 20)
const BRANCH = 'catalog-gate/migrate'
const PROGRAM = builtOr('scripts/catalog-gate.ts', 'catalog-gate.mjs')

/** Repositories of every kind that gets a file, each with contents of its own. */
function fill(ghes: MemoryGhes): number {
  const all = Object.entries(kinds).filter(([name]) => !/takes-it|declared|refused|old-form|misplaced/.test(name))
  let toOpen = 0
  for (let i = 0; i < REPOSITORIES; i++) {
    const [name = '', kind] = all[i % all.length] ?? []
    const files = {
      ...kind?.files,
      ...(kind?.files['README.md'] ? { 'README.md': `# ${i}\n\nThis is number ${i}.\n` } : {}),
    }
    ghes.add(`acme/${name.slice('acme/'.length)}-${i}`, { ...structuredClone(kind), files })
    if (!/archived|empty|fork|opted-out|read-only|template/.test(name)) toOpen++
  }
  return toOpen
}

test(`${REPOSITORIES} repositories, killed at ${KILLS} points and started again: each gets one pull request`, async t => {
  const ghes = new MemoryGhes()
  const toOpen = fill(ghes)
  await ghes.stand.start()
  const fixture = new MigrateFixture(ghes.stand.url)
  t.after(async () => {
    await ghes.stand.stop()
    fixture.remove()
  })
  fixture.configure('pullRequests: { perDay: 100000, perMinute: 100000, labels: [catalog] }\n')

  const startedAtMs = performance.now()
  const plan = await fixture.run({ json: true, cache: false })
  const planMs = performance.now() - startedAtMs
  const { requests, rows } = JSON.parse(plan.out) as { requests: number; rows: unknown[] }
  assert.equal(rows.length, REPOSITORIES)
  assert.ok(requests <= Math.max(6, REPOSITORIES / 20), `${requests} requests for ${REPOSITORIES} repositories`)
  t.diagnostic(`plan of ${REPOSITORIES}: ${Math.round(planMs)} ms with GHES in the same process, ${requests} requests`)

  const random = randomFrom(seed)
  for (let i = 0; i < KILLS; i++) {
    const code = await started(fixture, ghes, 1 + random.int(Math.max(8, Math.ceil((6 * toOpen) / KILLS))))
    assert.ok([null, 0].includes(code), `ended with ${code}`)
  }
  assert.equal(await started(fixture, ghes, undefined), 0)
  const counts = [...ghes.pullRequests].map(([name, pulls]) => [name, pulls.length] as const)
  assert.deepEqual(
    counts.filter(([, n]) => n > 1),
    [],
  )
  assert.equal(counts.filter(([, n]) => n === 1).length, toOpen)
  for (const [name, n] of counts)
    if (n === 1) assert.match(ghes.at(name, BRANCH)['catalog-info.yaml'] ?? '', /^apiVersion/m, name)
  assert.ok([...ghes.pullRequests.values()].flat().every(({ labels }) => labels.length > 0))
  ghes.writes.length = 0
  assert.equal(await started(fixture, ghes, undefined), 0)
  assert.deepEqual(ghes.writes, [])
})

/** `--apply` as a process; killed at a request that writes, counted from its first. */
async function started(fixture: MigrateFixture, ghes: MemoryGhes, killAt: number | undefined): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [PROGRAM, 'migrate', '--config', 'migrate.yaml', '--apply', '--cache', 'cache.jsonl'],
    {
      cwd: fixture.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  child.stderr.on('data', chunk => {
    said = `${said}${chunk}`.slice(-2000)
  })
  let asked = 0
  const before = ghes.writes.length
  ghes.onRequest = () => {
    if (ghes.writes.length > before || asked > 0) asked++
    if (asked === killAt) child.kill('SIGKILL')
  }
  const [code] = (await once(child, 'close')) as [number | null]
  ghes.onRequest = () => {}
  if (code !== null && code !== 0) console.error(said)
  return code
}
