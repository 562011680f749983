// A message's id and signature, the latter as in schemas/signature.ts, but without node:crypto.
//
// Loading node:crypto costs a hook 3.8 ms on every push that notifies (Node 24, measured), this library 0.3 and the device 0.1. A test holds both
// ways of signing to the same output.
import { closeSync, openSync, readSync } from 'node:fs'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** `webhook-id`: `msg_` and 32 random hex digits. One id is one event: the same change, pushed again, is another. */
export function newMessageId(device = '/dev/urandom'): string {
  const bytes = readDevice(device, 16) ?? globalThis.crypto.getRandomValues(Buffer.alloc(16))
  return `msg_${bytes.toString('hex')}`
}

/** Undefined where a jail has no such device. */
function readDevice(path: string, length: number): Buffer | undefined {
  let device: number | undefined
  try {
    device = openSync(path, 'r')
    const bytes = Buffer.alloc(length)
    return readSync(device, bytes, 0, length, null) === length ? bytes : undefined
  } catch {
    return undefined
  } finally {
    if (device !== undefined) closeSync(device)
  }
}

/** `webhook-signature`; `timestamp` is in seconds, as in the header. */
export function sign(key: Uint8Array, id: string, timestamp: number, body: Uint8Array): string {
  const mac = hmac(sha256, key, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]))
  return `v1,${Buffer.from(mac).toString('base64')}`
}
