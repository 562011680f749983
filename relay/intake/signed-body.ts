// The body of a request with a Standard Webhooks signature: read within the limits, and only given when the signature is right.
import type { KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { openSignature } from '../../schemas/signature.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { TurnedAway } from './answer.ts'
import { readBody } from './body.ts'
import { type Envelope, unauthorized } from './hook.ts'
import type { Senders } from './intake-options.ts'

export type SignedBodyOptions = Senders & {
  keys: () => KeyObject[]
  bodyBytes?: number
  /** Which secret it is signed with, in words. */
  whose?: string
}
export type SignedBody = { result: 'signed'; bytes: Buffer }

export async function readSignedBody(
  request: IncomingMessage,
  envelope: Envelope,
  { bodies: budget, unsigned, keys, bodyBytes = LIMITS.hookBodyBytes, whose = 'active' }: SignedBodyOptions,
): Promise<SignedBody | TurnedAway> {
  const signature = openSignature(keys(), envelope.id, envelope.timestamp)
  const onChunk = (chunk: Buffer) => {
    signature.update(chunk)
    unsigned.active(request.socket)
  }
  const body = await readBody(request, bodyBytes, { budget, onChunk })
  if (body.result === 'refused') return { refusal: body, isSigned: false }
  if (!signature.isIn(envelope.signature))
    return { refusal: unauthorized(`no signature of an ${whose} secret`), isSigned: false }
  unsigned.signed(request.socket)
  return { result: 'signed', bytes: body.bytes() }
}
