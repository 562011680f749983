// Standard input in chunks, read by the plainest means: process.stdin loads streams and sockets, which costs the start some milliseconds.
import { readSync } from 'node:fs'

export async function* readStdin(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(65_536)
    const bytes = readSync(0, buffer)
    if (bytes === 0) return
    yield buffer.subarray(0, bytes)
  }
}
