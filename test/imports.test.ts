// Holds the import direction: schemas ← hooks, schemas ← relay; scripts may use all; hooks and relay never import each other.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const allowed: Record<string, string[]> = {
  schemas: ['schemas'],
  hooks: ['hooks', 'schemas'],
  relay: ['relay', 'schemas'],
  scripts: ['scripts', 'hooks', 'relay', 'schemas', 'package.json'],
}

/** Relative imports and re-exports at the beginning of a line, and dynamic ones anywhere; imports inside texts are none. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = [...text.matchAll(/^(?:import|export)\b[^'`]*?from '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm)]
  return found.map(([, fixed, dynamic]) => relative(root, join(root, dirname(file), fixed ?? dynamic ?? '')))
}

for (const [folder, targets] of Object.entries(allowed)) {
  test(`${folder}/ imports only from ${targets.join(', ')}`, () => {
    const files = globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root })
    assert.ok(files.length > 0, 'no files: the glob is wrong')
    const wrong = files.flatMap(file =>
      importsOf(file)
        .filter(to => !targets.includes(to.split('/')[0] ?? ''))
        .map(to => `${file} imports ${to}`),
    )
    assert.deepEqual(wrong, [])
  })
}
