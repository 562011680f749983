// The image for `catalog-gate check`, on a base with this Node: it finds what is wrong in a folder that is mounted read-only, as nobody in particular.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { imagesIn } from './images.ts'

test('the image for check', t => {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-image-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { buildah, build } = imagesIn(t, folder)
  const files = [
    'dist/catalog-gate.mjs',
    'dist/check.jsc',
    'dist/CHECKS.md',
    'dist/THIRD-PARTY-NOTICES.txt',
    'dist/lib',
  ]
  build('localhost/check', join(import.meta.dirname, '../../scripts/check/Dockerfile'), files)
  const { OCIv1 } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/check')) as {
    OCIv1: { config: { User: string; Entrypoint: string[]; Cmd: string[]; WorkingDir: string } }
  }
  const { User, Entrypoint, Cmd, WorkingDir } = OCIv1.config
  assert.deepEqual([User, WorkingDir, Cmd], ['65532:65532', '/work', ['check']])
  const mounted = buildah('mount', buildah('from', 'localhost/check'))
  mkdirSync(join(mounted, 'work'), { recursive: true })
  const file = 'apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: { name: the shop }\nspec: { owner: team }\n'
  writeFileSync(join(mounted, 'work/catalog-info.yaml'), file)
  const enter = (...args: string[]) => {
    const script =
      'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && root=$1 && shift && exec chroot --userspec=65532:65532 --groups=0 "$root" "$@"'
    return spawnSync('unshare', ['--mount', 'sh', '-c', script, '-', mounted, ...Entrypoint, ...args], {
      encoding: 'utf8',
    })
  }
  const refused = enter(...Cmd, WorkingDir)
  assert.equal(refused.status, 1, refused.stdout + refused.stderr)
  assert.match(refused.stdout, /catalog-info\.yaml:3:19: error: name "the shop" contains a space/)
  assert.match(enter('explain', 'name-format').stdout, /name-format/)
})
