// For every document: we reject exactly where the catalog does, in both profiles.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { isWhole, rounds, seed } from '../support/campaign.ts'
import { REPOSITORY } from './catalog.ts'
import { held, ours, theirs } from './compare.ts'
import { mutant } from './mutants.ts'
import { describeDifference, run } from './run.ts'

const SEEDS = isWhole ? [1, 2, seed] : [seed]
const FILES_A_SEED = rounds(60, 6000)
/** A document and more of each file can be compared. */
const FEWEST_DOCUMENTS = SEEDS.length * FILES_A_SEED

test("the verdict on every document is the catalog's", async t => {
  const { differences, ...counts } = await run(SEEDS, FILES_A_SEED)
  const perProfile = counts.documents / 2
  t.diagnostic(
    `seeds ${SEEDS.join(', ')}: ${counts.files} files, ${perProfile} documents in each of 2 profiles: ${counts.accepted} verdicts accepted, ${counts.rejected} rejected, ${counts.templated} templated and ${counts.unread} with a URL that is not read, left out`,
  )
  assert.equal(differences.length, 0, `\n${differences.slice(0, 5).map(describeDifference).join('\n\n')}`)
  assert.ok(perProfile > FEWEST_DOCUMENTS, `${perProfile} documents are too few`)
  // A generator gone wrong agrees with everything: both verdicts are there in numbers, and little is left out.
  assert.ok(counts.accepted > counts.documents / 5 && counts.rejected > counts.documents / 5, JSON.stringify(counts))
  assert.ok(
    counts.templated + counts.unread < counts.documents / 20,
    `${counts.templated} of ${counts.documents} documents were left out as templated, ${counts.unread} as unread`,
  )
})

/** Files of the repository that it quotes, or names as targets. */
const quotedIn = ({ entities }: CheckedFile): string[] =>
  entities.flatMap(({ references }) =>
    references.flatMap(one => {
      if (one.what === 'placeholder') return one.file ?? []
      return one.what === 'target' && one.leads.to === 'file' ? [one.leads.path] : []
    }),
  )

type Report = {
  files: {
    path: string
    documents: {
      index: number
      status: 'accepted' | 'rejected' | 'withheld' | 'empty' | 'templated'
      entity?: string
    }[]
  }[]
}

test('the built command line says the same', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'catalog-gate-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const made = Array.from({ length: rounds(20, 300) }, (_, index) => ({
    name: `${index}.yaml`,
    bytes: mutant(seed, index).bytes,
  }))
  // Those that stand alone are given what they name; one that says what only a URL tells is left out.
  const files = (bytes: Uint8Array) => quotedIn(ours(bytes, 'builtin'))
  const given = [...new Set(made.flatMap(({ bytes }) => files(bytes)))]
  const isFolder = (file: string) => given.some(other => other.startsWith(`${file}/`))
  for (const file of given.filter(file => !isFolder(file))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), '{}')
  }
  // What is a file for one and a folder for another cannot be both here.
  const mutants = made.filter(({ bytes }) => !files(bytes).some(isFolder))
  for (const { name, bytes } of mutants) writeFileSync(join(directory, name), bytes)
  // By it the command line knows that paths begin at the root of the repository.
  mkdirSync(join(directory, '.git'))
  writeFileSync(join(directory, '.git/config'), '')
  writeFileSync(join(directory, 'hook.yaml'), 'catalog: { followLocations: false, placeholders: [text, json, yaml] }\n')
  const run = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, '../../dist/catalog-gate.mjs'),
      'check',
      '--format',
      'json',
      '--config',
      'hook.yaml',
      '--stdin-files',
    ],
    {
      cwd: directory,
      input: mutants.map(({ name }) => name).join('\n'),
      env: { GITHUB_REPOSITORY: REPOSITORY.fullName, GITHUB_SERVER_URL: `https://${REPOSITORY.host}` },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  assert.equal(run.status, 1, run.stderr)
  const report = JSON.parse(run.stdout) as Report
  const byPath = new Map(report.files.map(({ path, documents }) => [path, documents]))
  for (const { name, bytes } of mutants) {
    const { entities } = ours(bytes, 'builtin')
    const { differences } = held(
      await theirs(bytes, 'builtin'),
      { documents: byPath.get(name) ?? [], diagnostics: [], entities },
      'builtin',
    )
    assert.deepEqual(differences, [], `seed ${seed}, index ${name}:\n${bytes}`)
  }
})
