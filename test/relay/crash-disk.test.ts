// A full disk: 503, and on by itself when there is room again. Nothing acknowledged is lost.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { notify, type RelayProcess } from '../support/relay-process.ts'
import { type Acknowledged, CrashFixture } from './crash-fixture.ts'

let fixture: CrashFixture
before(async () => {
  fixture = await CrashFixture.open()
})
after(() => fixture?.end())

type After = (undo: () => void | Promise<void>) => void

const FULL_DISKS = [
  { what: 'a small file system (tmpfs) that is full', make: smallDisk },
  // Where we may not mount: the size of our files is limited, and the limit lifted again from outside.
  { what: 'a limit on the size of files (RLIMIT_FSIZE)', make: limitedFiles },
]
for (const { what, make } of FULL_DISKS) {
  test(`${what}: 503 with Retry-After, then 202 again without a restart; nothing acknowledged is lost`, async t => {
    const made = await make(`full-${make.name}`, t.after.bind(t))
    if (made === 'not permitted') return t.skip('mounting needs root; the other full disk is tested')
    const { relay, free } = made
    const acknowledged: Acknowledged[] = []
    const send = async () => {
      const push = fixture.landedPush()
      push.bypass = 'x'.repeat(2000) // fills what is left sooner
      const sentAtMs = performance.timeOrigin + performance.now()
      const answer = await notify(relay.listen, push)
      if (answer.status === 202) acknowledged.push({ push, sentAtMs })
      return answer
    }
    let refused: Response | undefined
    for (let i = 0; i < 2000 && refused?.status !== 503; i++) refused = await send()
    assert.equal(refused?.status, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.equal((await fetch(`${relay.listen}/healthz`)).status, 200)
    // A small write can still go through where a large one does not.
    const isShown = async () =>
      /Store<\/strong> <span class="word">paused<\/span>\s*<p>It cannot write [^<]* What hooks cannot tell meanwhile comes/.test(
        await (await fetch(relay.admin)).text(),
      )
    let shown = await isShown()
    for (let i = 0; i < 2000 && !shown; i++) shown = (await send()).status === 503 && (await isShown())
    assert.ok(shown, 'the page says so')
    free()
    assert.equal((await send()).status, 202)
    await fixture.drained(relay)
    const { counts, stale } = await fixture.fates(relay, acknowledged)
    t.diagnostic(`${acknowledged.length} acknowledged around it: ${JSON.stringify(counts)}`)
    assert.ok(acknowledged.length > 3)
    assert.deepEqual({ forwarded: counts.forwarded, stale }, { forwarded: acknowledged.length, stale: [] })
    // Nobody reads the log any more.
    for (const log of [relay.child.stdout, relay.child.stderr]) log?.destroy()
    for (const _ of [1, 2, 3]) assert.equal((await send()).status, 202)
    assert.equal((await relay.kill('SIGTERM')).code, 0)
  })
}

/** A file system of its own of 4 MiB, and a file that takes all but a little of it. */
async function smallDisk(
  name: string,
  undo: After,
): Promise<{ relay: RelayProcess; free: () => void } | 'not permitted'> {
  const disk = join(fixture.folder, `${name}-disk`)
  mkdirSync(disk)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status !== 0) return 'not permitted'
  const relay = await fixture.start(fixture.options(name, { store: join(disk, 'relay.db') }))
  undo(async () => {
    await relay.stop()
    spawnSync('umount', ['-l', disk])
  })
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize - 400 * 1024))
  return { relay, free: () => unlinkSync(join(disk, 'filler')) }
}

/** Node ignores SIGXFSZ, so that a write beyond the limit fails as on a full disk. */
async function limitedFiles(name: string): Promise<{ relay: RelayProcess; free: () => void }> {
  const relay = await fixture.start({ ...fixture.options(name), under: ['prlimit', '--fsize=900000:unlimited'] })
  return { relay, free: () => void execFileSync('prlimit', ['--pid', String(relay.child.pid), '--fsize=unlimited:']) }
}
