// A folder → a tar.gz whose bytes depend on its contents only: sorted, without times and owners of the building machine.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream, rmSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export type Tarball = { bytes: number; sha256: string }

/** Times are the epoch's second day: some unpackers warn about a time of zero. */
const TIME = '@86400'

/** `mode` is that of the file; one that is there already is replaced, with its mode. */
export async function writeTarball(folder: string, file: string, mode: number): Promise<Tarball> {
  rmSync(file, { force: true })
  const tar = spawn(
    'tar',
    [
      '--create',
      '--format=gnu',
      '--sort=name',
      `--mtime=${TIME}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      `--directory=${folder}`,
      '.',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LC_ALL: 'C' } },
  )
  const ended = new Promise<number | null>((resolve, reject) => {
    tar.once('error', reject)
    tar.once('close', resolve)
  })
  const hash = createHash('sha256')
  let bytes = 0
  const seen = new PassThrough()
  seen.on('data', (chunk: Buffer) => {
    hash.update(chunk)
    bytes += chunk.length
  })
  // Node's gzip writes no time and no name into its head.
  await Promise.all([
    pipeline(tar.stdout, createGzip({ level: 9 }), seen, createWriteStream(file, { flags: 'wx', mode })),
    ended,
  ])
  const status = await ended
  if (status !== 0) throw new Error(`tar ended with ${status}`)
  return { bytes, sha256: hash.digest('hex') }
}
