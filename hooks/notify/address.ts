// A host name → an address, without the system resolver: a dead name server holds getaddrinfo for 10 s, even past process.exit.
import { readFileSync } from 'node:fs'

/** IP literals and /etc/hosts at once; else one question to the name servers, `timeoutMs` at most. Rejects when there is no answer. */
export async function addressOf(host: string, timeoutMs: number): Promise<string> {
  const bare = host.replace(/^\[|\]$/g, '')
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bare) || bare.includes(':')) return bare
  const known = fromHostsFile(bare)
  if (known !== undefined) return known
  const { Resolver } = process.getBuiltinModule('node:dns').promises
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
  const v4 = resolver.resolve4(bare)
  const v6 = resolver.resolve6(bare)
  const [address] = await Promise.any([v4, v6])
  if (address === undefined) throw new Error(`no address for ${bare}`)
  return address
}

function fromHostsFile(host: string): string | undefined {
  let text = ''
  try {
    text = readFileSync('/etc/hosts', 'utf8')
  } catch {
    // a hook environment need not have one
  }
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (address && names.some(name => name.toLowerCase() === host.toLowerCase())) return address
  }
  return undefined
}
