// Whether a tarball holds the relay's secret, so that it is not sent in the clear without a word.
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** Where `environment build --secret` puts it. */
const SECRET = /^(?:\.\/)?etc\/catalog-gate\/relay\.secret$/
const BLOCK = 512

/** True as well where it cannot be read: what is not known to be free of a secret may hold one. */
export async function mayHoldSecret(file: string): Promise<boolean> {
  const input = createReadStream(file)
  try {
    let rest = Buffer.alloc(0)
    let skip = 0
    for await (const chunk of input.pipe(createGunzip())) {
      rest = Buffer.concat([rest, chunk as Buffer])
      for (;;) {
        const skipped = Math.min(skip, rest.length)
        rest = rest.subarray(skipped)
        skip -= skipped
        if (skip > 0 || rest.length < BLOCK) break
        const name = text(rest, 0, 100)
        if (name === '') return false
        if (SECRET.test(name)) return true
        const bytes = Number.parseInt(text(rest, 124, 12), 8)
        if (Number.isNaN(bytes)) return true
        skip = BLOCK + Math.ceil(bytes / BLOCK) * BLOCK
      }
    }
    return true
  } catch {
    return true
  } finally {
    input.destroy()
  }
}

const text = (header: Buffer, from: number, bytes: number) =>
  header.toString('latin1', from, from + bytes).replace(/[\0 ].*$/s, '')
