// Each entity that is read from a file carries which content it is from, until it is processed: so a verdict names what it is about.
import { createHash } from 'node:crypto'
import type { CatalogProcessorParser, CatalogProcessorResult, Entity } from '@backstage/plugin-catalog-node'
import { isMap } from '../../schemas/unknown.ts'

/** No entity of the catalog has it: our processor takes it off before any other sees it. */
const MARK = 'catalog-gate.internal/read'

/** `blob` as git names the content; `of`: how many entities it has. */
export type Mark = { blob: string; of: number }

type Parse = (data: Buffer, location: { type: string; target: string }) => Iterable<CatalogProcessorResult>
/** `isBroken`: something in it is no entity. */
export type OnRead = (target: string, mark: Mark, isBroken: boolean) => void

/** Backstage's own parser, with a mark on what it finds. */
export function markingParser(parse: Parse, onRead: OnRead): CatalogProcessorParser {
  return async function* marked({ data, location }) {
    const results = [...parse(data, location)]
    const refs = new Set(results.flatMap(one => (one.type === 'entity' ? refOf(one.entity) : [])))
    const mark = { blob: blobOf(data), of: refs.size }
    onRead(
      location.target,
      mark,
      results.some(({ type }) => type === 'error'),
    )
    for (const one of results) yield one.type === 'entity' ? { ...one, entity: withMark(one.entity, mark) } : one
  }
}

function blobOf(data: Buffer): string {
  return createHash('sha1').update(`blob ${data.length}\0`).update(data).digest('hex')
}

/** What is not an entity is left for the catalog to refuse. */
function withMark(entity: Entity, { blob, of }: Mark): Entity {
  if (!isMap(entity)) return entity
  const { metadata } = entity as { metadata: unknown }
  if (!isMap(metadata)) return entity
  const { annotations = {} } = metadata
  if (!isMap(annotations)) return entity
  return {
    ...entity,
    metadata: { ...entity.metadata, annotations: { ...entity.metadata.annotations, [MARK]: `${blob} ${of}` } },
  }
}

/** The entity as its author wrote it, and its mark. */
export function takeMark(entity: Entity): { entity: Entity; mark?: Mark } {
  const { [MARK]: text, ...annotations } = entity.metadata.annotations ?? {}
  if (text === undefined) return { entity }
  const mark = markIn(text)
  return { entity: { ...entity, metadata: { ...entity.metadata, annotations } }, ...(mark ? { mark } : {}) }
}

export function markOf(entity: unknown): Mark | undefined {
  const text = (entity as Partial<Entity> | undefined)?.metadata?.annotations?.[MARK]
  return text === undefined ? undefined : markIn(text)
}

function markIn(text: string): Mark | undefined {
  const [, blob, of] = /^([0-9a-f]{40}) (\d{1,9})$/.exec(text) ?? []
  return blob === undefined ? undefined : { blob, of: Number(of) }
}

/** As the catalog writes it. Whatever is no entity gets none. */
export function refOf(entity: unknown): string | [] {
  if (!isMap(entity)) return []
  const { kind, metadata } = entity as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } }
  if (typeof kind !== 'string' || typeof metadata?.name !== 'string') return []
  const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : 'default'
  return `${kind}:${namespace}/${metadata.name}`.toLowerCase()
}
