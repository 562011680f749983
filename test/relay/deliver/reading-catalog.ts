// A catalog that takes files in as the real one does (facts of Backstage, sections 3 and 4), when the test says so; a token may be shown nothing of it.
import { createHash } from 'node:crypto'
import { parseAllDocuments } from 'yaml'
import type { CatalogLook, Shown } from '../../../relay/clients/catalog-reads.ts'
import { locationRef } from '../../../schemas/entity-ref.ts'

type Values = Record<string, unknown>
type Held = { from: string; document: Values; errors: string[] }

export class ReadingCatalog implements CatalogLook {
  readonly #entities = new Map<string, Held>()
  requests = 0
  mayRead = true
  /** In the place of an answer. */
  trouble = false
  /** What a processor makes of an entity. */
  processor = (document: Values): Values => document

  /** Somebody has registered it, and it is read. */
  read(file: string, text: string): void {
    const location = locationRef(`https://ghe.test/${file.replace('/main/', '/blob/main/')}`)
    const from = `https://ghe.test/${file.replace('/main/', '/tree/main/')}`
    const documents = parseAllDocuments(text)
    const broken = documents.flatMap(document => ('errors' in document ? document.errors : []))
    const held = { from, document: {}, errors: broken.map(({ code }) => `Error: YAML error ${code}`) }
    this.#entities.set(location, held)
    // A file is taken whole or not at all.
    if (broken.length > 0) return
    for (const document of documents) this.#take(from, document.toJS() as Values)
  }

  #take(from: string, document: Values): void {
    const { metadata, spec, kind } = document as { kind: string; metadata: { name: string }; spec: { type?: string } }
    const ref = `${kind}:default/${metadata.name}`.toLowerCase()
    const known = this.#entities.get(ref)
    // Dropped without a word.
    if (known && known.from !== from) return
    if (spec.type !== undefined) this.#entities.set(ref, { from, document: this.processor(document), errors: [] })
    // A new one leaves no trace; one that was there keeps its content, and bears the error.
    else if (known)
      known.errors = ['InputError: Policy check failed; caused by TypeError: /spec must have required property type']
  }

  gone(ref: string): void {
    this.#entities.delete(ref)
  }

  async look(refs: readonly string[]): ReturnType<CatalogLook['look']> {
    this.requests++
    if (this.trouble) return { result: 'trouble', kind: 'down', reason: 'Backstage answered 503' }
    return { result: 'look', of: new Map(refs.map(ref => [ref, this.mayRead ? this.#shown(ref) : undefined])) }
  }

  async shows() {
    return { result: this.mayRead ? ('something' as const) : ('nothing' as const) }
  }

  #shown(ref: string): Shown | undefined {
    const held = this.#entities.get(ref)
    if (!held) return undefined
    const { from, document, errors } = held
    const etag = createHash('sha1')
      .update(JSON.stringify([document, errors]))
      .digest('hex')
    const { metadata = {} } = document as { metadata?: Values }
    const annotations = { ...(metadata['annotations'] as object), 'backstage.io/managed-by-location': `url:${from}` }
    const data = { ...document, metadata: { ...metadata, namespace: 'default', uid: 'u', etag, annotations } }
    return { etag, from, errors, data }
  }
}

export const component = (name: string, title: string, more = 'type: service') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ${name}, title: ${title} }
spec: { lifecycle: production, owner: team-a${more === '' ? '' : `, ${more}`} }
`
