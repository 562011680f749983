// A catalog in memory, as the relay's client shows it, for lookups: pages, questions, and all that can go wrong with both.
import type { CatalogList } from '../../../relay/clients/catalog-list.ts'

export class FakeCatalog implements CatalogList {
  /** Files by ref. */
  readonly entities = new Map<string, string>()
  readonly asked: string[][] = []
  listings = 0
  /** A token that may not read is shown nothing. */
  isReadable = true
  isDown = false
  #waiting: (() => void)[] = []
  isSilent = false

  async page(cursor = '0'): ReturnType<CatalogList['page']> {
    if (cursor === '0') this.listings++
    if (this.isDown) return { result: 'trouble', kind: 'down', reason: 'Backstage answered 503' }
    const all = this.isReadable ? [...this.entities] : []
    const from = Number(cursor)
    const next = from + 2 < all.length ? { next: String(from + 2) } : {}
    return { result: 'page', entities: all.slice(from, from + 2).map(([ref, file]) => ({ ref, file })), ...next }
  }

  async standing(refs: readonly string[]): ReturnType<CatalogList['standing']> {
    this.asked.push([...refs])
    if (this.isSilent) await new Promise<void>(resolve => this.#waiting.push(resolve))
    if (this.isDown) return { result: 'trouble', kind: 'down', reason: 'Backstage answered 503' }
    const shown = this.isReadable ? refs.filter(ref => this.entities.has(ref)) : []
    return { result: 'standing', of: new Map(shown.map(ref => [ref, this.entities.get(ref) ?? ''])) }
  }
}
