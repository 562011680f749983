// Images by buildah, in a storage of their own, on a base made of this Node: the distroless one needs a registry.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

const root = join(import.meta.dirname, '../..')

export const run = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

export function imagesIn(t: TestContext, folder: string) {
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  const buildah = (...args: string[]) => run('buildah', [...storage, ...args]).trim()
  t.after(() => run('buildah', [...storage, 'rm', '--all']))
  const base = buildah('from', 'scratch')
  for (const file of nodeWithLibraries()) buildah('copy', base, file.from, file.to)
  buildah('commit', base, 'localhost/base')
  /** `files`: of the checkout, what the file takes. */
  const build = (name: string, file: string, files: readonly string[]) => {
    const context = join(folder, 'context')
    for (const path of files) {
      mkdirSync(dirname(join(context, path)), { recursive: true })
      cpSync(join(root, path), join(context, path), { recursive: true })
    }
    const how = ['--isolation', 'chroot', '--build-arg', 'BASE=localhost/base', '-f', file, '-t', name]
    buildah('build', ...how, context)
  }
  return { buildah, build }
}

/** This Node and what it is linked to, at the places where the distroless base has them. */
function nodeWithLibraries(): { from: string; to: string }[] {
  const libraries = [...run('ldd', [process.execPath]).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
  assert.ok(libraries.every(path => existsSync(path)))
  return [{ from: process.execPath, to: '/nodejs/bin/node' }, ...libraries.map(path => ({ from: path, to: path }))]
}
