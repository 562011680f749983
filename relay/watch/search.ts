// What people paste into the search box: a part of a name, a commit or its beginning, the id of a push, an address.
import type { PushSearch } from '../store/ports/records.ts'

/** Undefined for nothing but blanks. */
export function readSearch(text: string): PushSearch | undefined {
  const wanted = text.trim()
  if (wanted === '') return undefined
  const id = /\bmsg_[\w-]+/.exec(wanted)?.[0]
  if (id !== undefined) return { id, every: true }
  return addressIn(wanted) ?? { name: `*${wanted.toLowerCase()}*`, ...commitIn(wanted), every: false }
}

/** An address of GHES, of a page or of its API, or one that git clones from. */
function addressIn(text: string): PushSearch | undefined {
  const path = /^(?:[a-z+]+:\/\/[^/]+|[\w.-]+@[\w.-]+:)\/?(.*)$/i.exec(text)?.[1]
  if (path === undefined) return undefined
  const names = path.replace(/^api\/v3\/repos\//, '').split(/[?#]/)[0] ?? ''
  const [owner = '', name = '', what = '', which = ''] = names.split('/')
  if (owner === '') return undefined
  const repository = `${owner}/${name.replace(/\.git$/, '') || '*'}`.toLowerCase()
  return { name: repository, ...(/^commits?$/.test(what) ? commitIn(which) : {}), every: true }
}

const commitIn = (text: string): { commit?: string } =>
  /^[0-9a-f]{4,64}$/i.test(text) ? { commit: text.toLowerCase() } : {}
