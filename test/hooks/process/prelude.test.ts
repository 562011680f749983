// The sh half of the hook: the fast path, how often git is started, and the poor surroundings in which the verdict is the same.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { inNamespace } from '../namespace.ts'
import { countingGit, git } from '../odd-git.ts'
import { assertRun, SHELLS, usePreludeFixture } from './prelude-fixture.ts'

const fixture = usePreludeFixture()
const { fake, pathOf } = fixture

for (const shell of SHELLS) {
  suite(`under ${shell}`, () => {
    const run = (input: string, env: Record<string, string | undefined> = {}, before: string[] = []) =>
      fixture.run(input, { env, before: [...before, `/bin/${shell}`] })

    test('a bad file is refused, a good one accepted without a word', async () => {
      assertRun.refused(await run(fixture.pushed.bad))
      assertRun.accepted(await run(fixture.pushed.good))
    })

    test('no file that could be a catalog file: git answers, and Node never starts', async () => {
      const mark = join(fixture.host.directory, `mark-${shell}`)
      const env = { CATALOG_GATE_NODE: fake(`marking-${shell}`, `: >'${mark}'`) }
      assertRun.accepted(await run(fixture.pushed.other, env))
      assert.ok(!existsSync(mark))
      await run(fixture.pushed.good, env)
      assert.ok(existsSync(mark), 'the mark works')
    })

    test('how often git is started: not for the tip of a branch that is a file, nor for the mkdocs.yml beside the catalog file; for what may name it, where that one changes', async () => {
      const { repository, pushed } = fixture
      const counting = countingGit(join(fixture.host.directory, `counting-${shell}`))
      const calls = async (input: string) => {
        const { exitCode, stdout } = await run(input, { PATH: counting.PATH })
        return { calls: counting.calls(), exitCode, stdout }
      }
      const accepted = { exitCode: 0, stdout: '' }
      for (const id of [pushed.older, pushed.tip]) await repository.git('update-ref', 'refs/heads/main', id)
      assert.ok(existsSync(join(repository.directory, 'refs/heads/main')), 'the branch is a file')
      assert.deepEqual(await calls(pushed.newOther), { ...accepted, calls: ['diff-tree'] })
      const naming = ['cat-file --batch', 'diff-tree', 'diff-tree', 'grep']
      assert.deepEqual(await calls(pushed.first), { ...accepted, calls: naming })
      assert.deepEqual(await calls(pushed.documented), { ...accepted, calls: ['cat-file --batch', 'diff-tree'] })
      const without = await calls(pushed.undocumented)
      assert.deepEqual(without.calls, ['cat-file --batch', 'cat-file --batch-check', 'diff-tree'])
      assert.match(without.stdout, /\[techdocs-config\]$/m)
    })

    test('Node prints garbage on stderr: the pusher does not see it', async () => {
      const noise = `head -c 200000 /dev/urandom >&2\nexec '${process.execPath}' "$@"`
      assertRun.refused(await run(fixture.pushed.bad, { CATALOG_GATE_NODE: fake(`noisy-${shell}`, noise) }))
    })

    test('PATH holds git alone: no timeout, no coreutils', async () => {
      const PATH = pathOf(`git-only-${shell}`, { git })
      assertRun.refused(await run(fixture.pushed.bad, { PATH }))
      const CATALOG_GATE_NODE = fake(`killed-unguarded-${shell}`, 'kill -KILL $$')
      assertRun.acceptedWithOneLine(await run(fixture.pushed.bad, { PATH, CATALOG_GATE_NODE }), /was killed/)
    })

    test('HOME is not set, and hardly anything else', async () => {
      const env = {
        HOME: undefined,
        LC_ALL: undefined,
        TZ: undefined,
        GIT_CONFIG_GLOBAL: undefined,
        GITHUB_REPO_NAME: undefined,
      }
      assertRun.refused(await run(fixture.pushed.bad, env))
    })

    test('SIGPIPE is ignored, as servers leave it to their children', async () => {
      const ignoring = ['/bin/sh', '-c', `trap '' PIPE; exec "$@"`, '-']
      assertRun.refused(await run(fixture.pushed.bad, {}, ignoring))
      const CATALOG_GATE_NODE = fake(`deaf-${shell}`, 'exit 70')
      assertRun.acceptedWithOneLine(
        await run(fixture.pushed.newBranch + fixture.pushed.bad, { CATALOG_GATE_NODE }, ignoring),
        /status 70/,
      )
    })

    test('a read-only folder', async () => {
      const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$PWD" && shift && exec "$@"'
      const readOnly = [...inNamespace(), 'sh', '-c', script, '-', fixture.host.root]
      assertRun.refused(await run(fixture.pushed.bad, {}, readOnly))
    })

    test('no /dev/null: git does not work without it, and one line says so', async () => {
      const script = 'mount -t tmpfs none /dev && exec "$@"'
      const without = await run(fixture.pushed.bad, {}, [...inNamespace(), 'sh', '-c', script, '-'])
      assert.equal(without.exitCode, 0)
      assert.match(without.stdout, /^warning: catalog-gate: git could not [^\n]*; the push was accepted unchecked\n$/)
      assertRun.ended(without)
    })

    test('no /proc', async () => {
      const script = 'mount -t tmpfs none /proc && exec "$@"'
      assertRun.refused(await run(fixture.pushed.bad, {}, [...inNamespace(), 'sh', '-c', script, '-']))
    })

    test('a limit on open files and address space as nsjail sets them', async () => {
      const limited = ['/bin/sh', '-c', 'ulimit -n 48; ulimit -v 4194304; exec "$@"', '-']
      assertRun.refused(await run(fixture.pushed.bad, {}, limited))
    })
  })
}
