// The package for Backstage's backend as npm installs it: a tarball, the same bytes whenever the same is built.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundleForBackstage } from './bundle.ts'

/** `root`: the project's. */
export async function backstagePackage(root: string): Promise<{ tarball: Buffer; bundled: string[] }> {
  const { text, bundled } = await bundleForBackstage('relay/backstage/index.ts')
  const signIn = await bundleForBackstage('relay/backstage/sign-in.ts')
  const read = (file: string) => readFileSync(join(root, file))
  const files: [string, Buffer][] = [
    ['package.json', read('relay/backstage/package/package.json')],
    ['README.md', read('relay/backstage/README.md')],
    ['LICENSE', read('LICENSE')],
    ['config.d.ts', read('relay/backstage/package/config.d.ts')],
    ['dist/index.cjs.js', Buffer.from(text)],
    ['dist/index.d.ts', read('relay/backstage/package/index.d.ts')],
    ['dist/sign-in.cjs.js', Buffer.from(signIn.text)],
    ['dist/sign-in.d.ts', read('relay/backstage/package/sign-in.d.ts')],
  ]
  const parts = files.flatMap(([name, content]) => [header(`package/${name}`, content.length), padded(content)])
  return {
    tarball: gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 9 }),
    bundled: [...bundled, ...signIn.bundled],
  }
}

/** As npm packs: 1985-10-26, whose numbers fit every tar. */
const MTIME_S = 499_162_500
const BLOCK = 512

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
  block.write(name, 0, 100)
  block.write(octal(0o644, 8), 100)
  block.write(octal(0, 8), 108)
  block.write(octal(0, 8), 116)
  block.write(octal(size, 12), 124)
  block.write(octal(MTIME_S, 12), 136)
  block.write(' '.repeat(8), 148)
  block.write('0', 156)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

const padded = (content: Buffer) => Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
