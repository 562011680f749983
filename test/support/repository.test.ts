// The stand-in for GHES's git side: what a hook is given, and what a pusher is shown.
import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { createRepositoryHost, type RepositoryHost } from './repository.ts'

suite('bare repositories with hooks', () => {
  let host: RepositoryHost
  before(async () => {
    host = await createRepositoryHost()
  })
  after(() => host.remove())

  const hook = async (name: string, text: string): Promise<string> => {
    const file = join(host.directory, name)
    await writeFile(file, `#!/bin/sh\n${text}\n`)
    await chmod(file, 0o755)
    return file
  }

  test('a hook sees the variables that GHES sets, and the quarantine', async () => {
    const show = await hook(
      'show',
      'env | grep -E "^(GIT|GITHUB|CATALOG_GATE)_" | sort; [ "$GIT_DIR" = "$(pwd -P)" ] && echo same; cat',
    )
    const repository = await host.create('acme/shown', { hooks: [show], hookEnvironment: { QUOTED: '"$`\\}' } })
    const copy = await repository.clone({ login: 'mona' })
    await copy.write('a', '1')
    const after = await copy.commit()
    const push = await copy.push({ pushOptions: ['why=not'], via: 'blob#save' })
    assert.equal(push.exitCode, 0, push.terminal)
    // receive-pack writes …/shown.git/./objects
    const lines = push.remote.replaceAll('/./', '/').split('\n')
    for (const line of [
      `GIT_DIR=${repository.directory}`,
      `GIT_ALTERNATE_OBJECT_DIRECTORIES=${join(repository.directory, 'objects')}`,
      'GIT_PUSH_OPTION_COUNT=1',
      'GIT_PUSH_OPTION_0=why=not',
      'GITHUB_REPO_NAME=acme/shown',
      'GITHUB_REPO_PUBLIC=false',
      'GITHUB_USER_IP=192.0.2.1',
      'GITHUB_USER_LOGIN=mona',
      'GITHUB_VIA=blob#save',
      `CATALOG_GATE_NODE=${process.execPath}`,
      'same',
      `${'0'.repeat(40)} ${after} refs/heads/main`,
    ]) {
      assert.ok(lines.includes(line), `${line} is missing in:\n${push.remote}`)
    }
    assert.match(push.remote, /GIT_QUARANTINE_PATH=\//)
    assert.equal(await repository.ref('refs/heads/main'), after)
  })

  test('several hooks run in sequence, each with all ref lines; the first that refuses ends the push', async () => {
    const first = await hook('first', 'sed "s/^/first /"')
    const second = await hook('second', 'sed "s/^/second /"; exit 3')
    const third = await hook('third', 'echo third')
    const repository = await host.create('acme/three', { hooks: [first, second, third] })
    const copy = await repository.clone()
    const push = await copy.change({ a: '1' })
    assert.equal(push.exitCode, 1)
    assert.match(push.remote, /^first 0+ [0-9a-f]+ refs\/heads\/main\nsecond 0+ [0-9a-f]+ refs\/heads\/main$/)
    assert.match(push.terminal, /\[remote rejected\] main -> main \(pre-receive hook declined\)/)
    assert.equal(await repository.ref('refs/heads/main'), undefined)
  })

  test('a commit is the one that git makes, to the last bit, and git goes on from it', async () => {
    const made = async (name: string, byGit: boolean) => {
      const copy = await (await host.create(`acme/${name}`)).clone()
      if (byGit) await copy.git('config', 'catalog-gate.test', 'told') // then it is git's to judge
      await copy.write('README.md', 'x')
      const ids = [await copy.commit()]
      await copy.git('checkout', '--quiet', '-b', 'work/a')
      for (const path of ['a/b', 'a.b', 'a0', 'd/\u00e9 "\\', 'd/e/empty', 'run']) await copy.write(path, path)
      await mkdir(join(copy.directory, 'nothing/in/it'), { recursive: true })
      await chmod(join(copy.directory, 'run'), 0o755)
      await copy.link('d/link', '../a/b')
      await copy.remove('README.md')
      ids.push(await copy.commit('\u00fcber'), await copy.commit('# as it is'))
      assert.equal(await copy.git('status', '--porcelain'), '')
      assert.equal(await copy.git('fsck', '--strict', '--no-dangling'), '')
      await copy.git('merge', '--quiet', '--no-ff', '-m', 'Merge', 'main')
      await copy.write('.gitattributes', '* text=auto')
      ids.push(await copy.commit(), await copy.git('rev-parse', 'work/a'))
      return ids
    }
    assert.deepEqual(await made('ours', false), await made('by-git', true))
  })

  test('SHA-256 repositories, several refs in one push, the same ids in every run', async () => {
    const repository = await host.create('acme/long', { objectFormat: 'sha256', defaultBranch: 'trunk' })
    const copy = await repository.clone()
    await copy.write('a', '1')
    const id = await copy.commit()
    assert.equal(id, '69416637eeddb12f7b5696996c1592571b292b8d3163231a3a35cf493a27a332')
    const push = await copy.push({ refs: ['HEAD:trunk', 'HEAD:other'] })
    assert.equal(push.exitCode, 0, push.terminal)
    assert.equal(await repository.ref('trunk'), id)
    assert.equal(await repository.ref('other'), id)
  })
})
