// Standard input in chunks, read by the plainest means: process.stdin loads streams and sockets, which costs the start some milliseconds.
//
// Blocking, since it always ends: the prelude's git calls that feed it are under timeout(1), and without that program they are left out.
// (fs.read would let timers fire meanwhile; it costs every start 0.45 ms, and process.exit waits for a read that never ends.)
import { readSync } from 'node:fs'

export async function* readInput(descriptor: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(65_536)
    const bytes = readSync(descriptor, buffer)
    if (bytes === 0) return
    yield buffer.subarray(0, bytes)
  }
}
