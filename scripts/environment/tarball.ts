// A folder → a tar.gz whose bytes depend on its contents only: sorted, without times and owners of the building machine.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export type Tarball = { bytes: number; sha256: string }

/** Times are the epoch's second day: some unpackers warn about a time of zero. */
const TIME = '@86400'

export type TarballOptions = { mode: number; interrupted: AbortSignal }

/** `file` is not there yet. Throws the reason of `interrupted`; the file is then cut off, and is the caller's to remove. */
export async function writeTarball(
  folder: string,
  file: string,
  { mode, interrupted }: TarballOptions,
): Promise<Tarball> {
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
  try {
    // Node's gzip writes no time and no name into its head.
    await Promise.all([
      pipeline(tar.stdout, createGzip({ level: 9 }), seen, createWriteStream(file, { flags: 'wx', mode }), {
        signal: interrupted,
      }),
      ended,
    ])
  } catch (error) {
    tar.kill()
    interrupted.throwIfAborted()
    throw error
  }
  const status = await ended
  if (status !== 0) throw new Error(`tar ended with ${status}`)
  return { bytes, sha256: hash.digest('hex') }
}
