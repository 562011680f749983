// The appliance downloads a tarball: started, watched with its progress, and ended by success, GHES's message or our patience.
import type { Download } from '../ghes/pre-receive.ts'
import { Failed } from './failed.ts'
import type { Api } from './found.ts'
import { granted, grantedUnless } from './granted.ts'
import type { Tarball } from './step.ts'

export type DownloadEdges = {
  say: (line: string) => void
  now: () => number
  wait: (ms: number) => Promise<void>
  /** Offers a tarball of this machine, and gives the address under which the appliance finds it. */
  serve: (file: string) => Promise<string>
}

/** 51 MB over a slow line take minutes; unpacking them takes seconds. */
const LIMIT_MS = 15 * 60_000
const POLL_MS = 2_000
const TELL_MS = 10_000

export async function download(
  api: Api,
  id: number,
  { name, tarball }: { name: string; tarball: Tarball },
  edges: DownloadEdges,
): Promise<void> {
  const { environments } = api.preReceive
  const found = await granted(environments.read(id))
  // One that an interrupted install has started may still come to a good end.
  const before = found.download.state === 'in_progress' ? await settled(api, id, name, edges) : found.download
  if (before.state === 'success') return
  const imageUrl = tarball.from === 'url' ? tarball.imageUrl : await edges.serve(tarball.file)
  if (found.imageUrl !== imageUrl) await granted(environments.change(id, imageUrl))
  await granted(environments.startDownload(id))
  const { state, message } = await settled(api, id, name, edges)
  if (state === 'success') return
  const said = message === '' ? '' : `: "${message}"`
  throw new Failed(
    `GHES could not download the environment ${name} (${state})${said}`,
    tarball.from === 'url'
      ? `can the appliance reach ${tarball.imageUrl}, and does it trust its certificate? Try: ssh -p 122 admin@HOST -- curl -sSI ${tarball.imageUrl}`
      : 'can the appliance reach the address given to --serve? A firewall may be between; environment.imageUrl names a server instead',
  )
}

/** Waits while a download is in progress. */
export async function settled(api: Api, id: number, name: string, edges: DownloadEdges): Promise<Download> {
  const startedMs = edges.now()
  let toldMs = startedMs
  for (;;) {
    // Whether GHES answers 404 before the first download is not documented.
    const found = await grantedUnless([404], api.preReceive.environments.download(id))
    if (!found) return { state: 'not_started', message: '' }
    if (found.state !== 'in_progress') return found
    const now = edges.now()
    const seconds = Math.round((now - startedMs) / 1000)
    if (now - startedMs >= LIMIT_MS)
      throw new Failed(
        `GHES is still downloading the environment ${name} after ${seconds} s`,
        'look at the load of the appliance and its line; run the same command again to go on waiting',
      )
    if (now - toldMs >= TELL_MS) {
      toldMs = now
      edges.say(`      still downloading, ${seconds} s`)
    }
    await edges.wait(POLL_MS)
  }
}
