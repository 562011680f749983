// Which entities the live catalog has, and from where: all of it, page by page.
import { openBackstage } from '../../relay/clients/backstage.ts'
import { isTrouble } from '../../relay/clients/ghes/patience.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import type { TargetConfig } from '../../relay/config/sections.ts'
import type { Patiently } from '../ghes/patient.ts'

/** By ref in lower case. `by`: the repository whose file it is, where that is one of this GHES. `where`: in words. */
export type LiveNames = Map<string, { by: string; where: string }>

export async function readLiveNames(
  { baseUrl, token, ca }: TargetConfig,
  { webUrl, now, patiently }: { webUrl: string; now: () => number; patiently: Patiently },
): Promise<LiveNames | Trouble> {
  const backstage = openBackstage({ baseUrl, token, now, ...(ca === undefined ? {} : { ca }) })
  const names: LiveNames = new Map()
  try {
    for (let cursor: string | undefined; ; ) {
      const page = await patiently(() => backstage.page(cursor))
      if (isTrouble(page)) return page
      for (const { ref, file } of page.entities)
        names.set(ref, { by: repositoryOf(file, webUrl), where: file === '' ? 'the live catalog' : file })
      if (page.next === undefined) return names
      cursor = page.next
    }
  } finally {
    await backstage.close()
  }
}

function repositoryOf(file: string, webUrl: string): string {
  if (!URL.canParse(file) || !URL.canParse(webUrl)) return ''
  const url = new URL(file)
  const [, owner, name] = url.pathname.split('/')
  return url.host === new URL(webUrl).host && owner && name ? `${owner}/${name}` : ''
}
