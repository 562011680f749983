// Standard input in chunks, read by the plainest means: process.stdin loads streams and sockets, which costs the start some milliseconds.
import { read } from 'node:fs'

export async function* readStdin(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const chunk = await new Promise<Uint8Array>((resolve, reject) => {
      const buffer = Buffer.allocUnsafe(65_536)
      read(0, buffer, 0, buffer.length, null, (error, bytes) => (error ? reject(error) : resolve(buffer.subarray(0, bytes))))
    })
    if (chunk.length === 0) return
    yield chunk
  }
}
