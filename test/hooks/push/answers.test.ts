// Git is asked for what was pushed: nothing that a repository holds, or is set to, changes the answer.
import assert from 'node:assert/strict'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { runGit } from '../../support/git.ts'
import { BAD, buildInto, component, GOOD, runHook } from '../built-hook.ts'
import { assertQuiet, assertRefused, usePushFixture } from './push-fixture.ts'

const fixture = usePushFixture()
const TRUE_OBJECTS = { GIT_NO_REPLACE_OBJECTS: '1' }

let built: Promise<string> | undefined
/** A hook that takes every branch as seriously as main, and what is named and not there, too. */
const strict = () => {
  const enforce = { otherBranches: 'enforce', rules: { 'missing-target': 'error' } }
  built ??= buildInto(fixture.host.directory, 'strict', { enforce }, 'catalog-gate', { runsOften: true })
  return built
}

suite('replace refs, pushed before', () => {
  for (const config of ['', '[core]\n\tuseReplaceRefs = true\n'])
    for (const what of ['commit', 'tree', 'blob'] as const)
      test(`for a ${what}${config && ', where the configuration asks for them'}: what was pushed is judged`, async () => {
        const { repository, copy } = await fixture.seeded({ 'README.md': 'x' })
        await appendFile(join(repository.directory, 'config'), config)
        const objectOf = (commit: string) =>
          copy.git('rev-parse', { commit, tree: `${commit}^{tree}`, blob: `${commit}:catalog-info.yaml` }[what])
        await copy.write('catalog-info.yaml', GOOD)
        const good = await copy.commit()
        await copy.git('reset', '--quiet', '--hard', 'HEAD^')
        await copy.write('catalog-info.yaml', BAD)
        const bad = await copy.commit()
        const replacement = `refs/replace/${await objectOf(bad)}`
        // The replaced object goes along, as a tag's: a server takes only what it can reach.
        await copy.git('update-ref', 'refs/made/good', good)
        await copy.git('update-ref', replacement, await objectOf(good))
        assertQuiet(await copy.push({ refs: [replacement, `${good}:refs/tags/good`], env: TRUE_OBJECTS }))
        assertRefused(await copy.push({ refs: [`${bad}:main`], env: TRUE_OBJECTS }), 'catalog-info.yaml:4:9')
      })

  test('what Node asks git for is what was pushed, too', async () => {
    const { copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: await strict() })
    await copy.write('docs/openapi.yaml', 'x: 1')
    const withText = await copy.commit()
    await copy.git('reset', '--quiet', '--hard', 'HEAD^')
    await copy.write(
      'docs/catalog-info.yaml',
      component('a').replace('Component', 'API').replace(' }\n', ', definition: { $text: ./openapi.yaml } }\n'),
    )
    const without = await copy.commit()
    const replacement = `refs/replace/${await copy.git('rev-parse', `${without}:docs`)}`
    await copy.git('update-ref', replacement, await copy.git('rev-parse', `${withText}:docs`))
    assertQuiet(await copy.push({ refs: [replacement, `${withText}:refs/tags/docs`], env: TRUE_OBJECTS }))
    assertRefused(await copy.push({ refs: [`${without}:main`], env: TRUE_OBJECTS }), '[missing-target]')
  })
})

/** What a repository may be set to. A file's name is in its folder. */
const settings: [string, { config?: string; files?: Record<string, string>; env?: Record<string, string> }][] = [
  ['attributes', { files: { 'info/attributes': '* -diff diff=none binary export-ignore\n' } }],
  [
    'a driver for diffs',
    { config: '[diff "none"]\n\tbinary = true\n\ttextconv = true\n\tcommand = true\n[diff]\n\texternal = true\n' },
  ],
  ['renames', { config: '[diff]\n\trenames = copies\n\trenameLimit = 0\n' }],
  ['an order that is not there', { config: '[diff]\n\torderFile = /nowhere/order\n' }],
  ['relative diffs', { config: '[diff]\n\trelative = true\n\tnoprefix = true\n\tmnemonicPrefix = true\n' }],
  ['names as they are', { config: '[core]\n\tquotePath = false\n\tprecomposeUnicode = true\n\tignoreCase = true\n' }],
  ['colours', { config: '[color]\n\tui = always\n\tdiff = always\n' }],
  [
    'logs',
    {
      config:
        '[log]\n\tshowSignature = true\n\tshowRoot = false\n\tdiffMerges = off\n[format]\n\tpretty = oneline\n[i18n]\n\tlogOutputEncoding = UTF-16\n',
    },
  ],
  ['submodules', { config: '[diff]\n\tignoreSubmodules = all\n\tsubmodule = log\n' }],
  ['abbreviations', { config: '[core]\n\tabbrev = 4\n' }],
  ['another reading of pathspecs', { env: { GIT_LITERAL_PATHSPECS: '1' } }],
  ['another diff', { env: { GIT_EXTERNAL_DIFF: 'true' } }],
]
suite('a repository that is set to', () => {
  for (const [what, { config = '', files = {}, env = {} }] of settings)
    test(`${what}: a bad file is refused on main, and on a new branch as its own`, async () => {
      const { repository, copy } = await fixture.seeded(
        { 'old/catalog-info.yaml': BAD, 'x/README.md': 'x' },
        { hook: await strict(), hookEnvironment: env },
      )
      await appendFile(join(repository.directory, 'config'), config)
      for (const [file, text] of Object.entries(files)) {
        await mkdir(join(repository.directory, 'info'), { recursive: true })
        await writeFile(join(repository.directory, file), text)
      }
      assertQuiet(await copy.change({ 'x/README.md': 'y', '.gitattributes': '* -diff binary\n' }))
      await copy.write('größe/catalog-info.yaml', BAD)
      await copy.commit()
      assertRefused(await copy.push(), '1 problem in größe/catalog-info.yaml')
      assertRefused(await copy.push({ refs: ['HEAD:topic'] }), '1 problem in größe/catalog-info.yaml')
    })
})

test('grafts: a branch is compared with where it came from, whatever the repository says', async () => {
  const { repository, copy } = await fixture.seeded({ 'README.md': 'x' }, { hook: await strict() })
  await copy.git('checkout', '--quiet', '-b', 'topic')
  await copy.write('catalog-info.yaml', BAD)
  const bad = await copy.commit()
  await copy.write('README.md', 'y')
  await copy.commit()
  const main = await repository.ref('main')
  await mkdir(join(repository.directory, 'info'), { recursive: true })
  // As if main had left the branch behind the bad commit. (In a circle git's answer hangs on the dates.)
  await writeFile(join(repository.directory, 'info/grafts'), `${main} ${bad}\n${bad}\n`)
  assertRefused(await copy.push({ refs: ['topic'] }), 'catalog-info.yaml:4:9')
})

test('a repository with a work tree around it: paths count from the root', async () => {
  const { repository, copy } = await fixture.seeded({ 'x/README.md': 'x' })
  await repository.installHooks([])
  const from = await repository.ref('main')
  await copy.change({ 'catalog-info.yaml': BAD })
  await repository.git('config', 'core.bare', 'false')
  await repository.git('config', 'core.worktree', '..')
  const input = `${from} ${await repository.ref('main')} refs/heads/main\n`
  const env = { GIT_DIR: repository.directory }
  const { exitCode } = await runGit(repository.directory, ['rev-parse', '--show-prefix'], { env })
  assert.equal(exitCode, 0)
  const run = await runHook([fixture.hook], { cwd: repository.directory, input, env })
  assert.equal(run.exitCode, 1, run.stdout)
})
