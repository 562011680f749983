// The command line on one file, as an editor or a pre-commit hook calls it.
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gitEnvironment } from '../support/git.ts'
import type { BenchFixture } from './bench-fixture.ts'
import { interleave, ratioRow } from './measure.ts'
import { BARE_NODE, catalogFile } from './push.ts'
import type { Row } from './row.ts'

const commandLine = join(import.meta.dirname, '../../dist/catalog-gate.mjs')

export async function benchCheckStart(fixture: BenchFixture): Promise<Row[]> {
  const what = 'catalog-gate check, one file'
  if (!existsSync(commandLine)) return [{ what, note: 'not measured: dist/catalog-gate.mjs is not there' }]
  const cwd = join(fixture.directory, 'check')
  await mkdir(cwd)
  await writeFile(join(cwd, 'catalog-info.yaml'), catalogFile('payments'))
  await writeFile(join(cwd, 'mkdocs.yml'), 'site_name: payments\n') // its TechDocs: a warning would be timed too
  const env = gitEnvironment()
  const samples = interleave(() => [
    { what: BARE_NODE, command: process.execPath, args: ['-e', '0'], env, cwd },
    {
      what,
      command: process.execPath,
      args: [commandLine, 'check', 'catalog-info.yaml'],
      env,
      cwd,
      output: /nothing wrong/,
    },
  ])
  return [ratioRow(samples, what, BARE_NODE, 1.5)]
}
