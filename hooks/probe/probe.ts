// The half of sandbox-probe that needs Node: sizes, and whether the relay of this build answers. Prints "label=text" lines for the other half.
import { readFileSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { errorCode } from '../../schemas/error-code.ts'
import { parseSecret } from '../../schemas/secret.ts'
import type { HookConfig } from '../config/hook-config.ts'
import { addressOf } from '../notify/address.ts'

/** Of everything that waits here; the sh half kills after 600. */
const TIMEOUT_MS = 400 * PROBE_PATIENCE
const DNS_TIMEOUT_MS = 150 * PROBE_PATIENCE

const from = process.hrtime.bigint()
const elapsed = () => `${Number((process.hrtime.bigint() - from) / 1_000_000n)} ms`
const print = (label: string, text: string) => process.stdout.write(`${label}=${text.replaceAll(/\s+/g, ' ')}\n`)

process.once('uncaughtException', error => {
  print(' details', `an error of the probe's own: ${error.message}`)
  process.exit(0)
})
// Not memoryUsage(): that reads /proc.
print(' memory', `${Math.round(process.resourceUsage().maxRSS / 1000)} MB, heap limit ${heapLimitMiB()} MiB`)
print(' space', ['/tmp', '.', '/dev/shm'].map(spaceOf).join('; '))
const { relay } = BAKED_CONFIG
if (relay === undefined) process.exit(0)
void probeRelay(relay)

async function probeRelay({ url, secretFile, caFile }: NonNullable<HookConfig['relay']>): Promise<void> {
  print(' secret', secretState(secretFile))
  const ca = caFile === undefined ? undefined : readBesideScript(caFile)
  if (ca?.result === 'unreadable') print(' ca', `${caFile}: ${ca.reason}`)
  setTimeout(() => end(`no answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS)
  const { protocol, hostname, host, port } = new URL(url)
  const end = (text: string) => {
    print('relay', `${protocol}//${host}: ${text}`)
    process.exit(0)
  }
  try {
    const address = await addressOf(hostname, DNS_TIMEOUT_MS)
    const isTls = protocol === 'https:'
    const to = { host: address, port: Number(port || (isTls ? 443 : 80)) }
    const name = hostname === address || hostname.startsWith('[') ? {} : { servername: hostname }
    const authority = ca?.result === 'read' ? { ca: ca.text } : {}
    const socket = isTls
      ? process.getBuiltinModule('node:tls').connect({ ...to, ...name, ...authority })
      : process.getBuiltinModule('node:net').connect(to)
    socket.once('error', error => end(reasonOf(error)))
    socket.once('close', () => end('it closed the connection'))
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      const connected = elapsed()
      socket.write(`GET /readyz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`)
      socket.once('data', (chunk: Uint8Array) => {
        const answer = Buffer.from(chunk).toString('latin1')
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1]
        const says = status === undefined ? 'answers, but not in HTTP' : `answers ${status} to GET /readyz`
        end(`connected after ${connected}, ${says} after ${elapsed()}${skewOf(answer)}`)
      })
    })
  } catch (error) {
    end(`no address for ${hostname} (${reasonOf(error)})`)
  }
}

/** A signature is good for five minutes: clocks that are further apart cost every notification. */
function skewOf(answer: string): string {
  const date = Date.parse(/^date: (.*)$/im.exec(answer)?.[1] ?? '')
  if (Number.isNaN(date)) return ''
  const seconds = Math.round((Date.now() - date) / 1000)
  return Math.abs(seconds) <= 2 ? ', clocks agree' : `, clocks differ by ${seconds} s (the relay takes 300 s)`
}

function secretState(file: string): string {
  const read = readBesideScript(file)
  if (read.result === 'unreadable') return `${file}: ${read.reason}`
  const secret = parseSecret(read.text)
  return `${file}: ${secret.result === 'key' ? 'readable, of the right form' : secret.reason}`
}

function readBesideScript(file: string): { result: 'read'; text: string } | { result: 'unreadable'; reason: string } {
  try {
    return { result: 'read', text: readFileSync(resolve(dirname(process.argv[1] ?? '.'), file), 'utf8') }
  } catch (error) {
    return { result: 'unreadable', reason: reasonOf(error) }
  }
}

function spaceOf(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return `${folder} ${Math.round((bavail * bsize) / 2 ** 20)} MiB free`
  } catch (error) {
    return `${folder} ${reasonOf(error)}`
  }
}

function heapLimitMiB(): number {
  const { heap_size_limit: bytes } = process.getBuiltinModule('node:v8').getHeapStatistics()
  return Math.round(bytes / 2 ** 20)
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return errorCode(error) ?? error.message
}
