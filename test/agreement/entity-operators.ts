// Ways to break an entity before it is written as YAML.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what templates in YAML look like
import type { Value } from './bases.ts'
import { placeholders } from './placeholder-values.ts'
import type { Random } from './random.ts'
import { refFields, refs } from './ref-values.ts'
import * as near from './values.ts'

export type EntityOperator = (r: Random, entity: Value) => void
type Slot = [holder: Value, key: string]

const isMap = (value: unknown): value is Value => typeof value === 'object' && value !== null && !Array.isArray(value)

/** As an own property, also when the key is __proto__. */
export function set(holder: Value, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Every place in a value, lists' included, depth first. */
export function slots(value: unknown): Slot[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap(key => [[value as Value, key] as Slot, ...slots(Reflect.get(value, key))])
}

const textSlots = (entity: Value) => slots(entity).filter(([holder, key]) => typeof holder[key] === 'string')
const copy = (value: unknown): unknown => (typeof value === 'object' && value !== null ? structuredClone(value) : value)

/** The part when it is a map, else one to throw away: an earlier operator may have replaced it by junk. */
const part = (holder: Value, name: string): Value => (isMap(holder[name]) ? holder[name] : {})
/** metadata.labels and the like, made when missing. */
function mapIn(entity: Value, name: string): Value {
  const metadata = part(entity, 'metadata')
  const map = part(metadata, name)
  metadata[name] = map
  return map
}

export function typo(r: Random, word: string): string {
  const i = r.int(word.length)
  const first = word[0] ?? ''
  return r.pick([
    word.slice(0, i) + word.slice(i + 1),
    word.slice(0, i) + (word[i] ?? '') + word.slice(i),
    word.slice(0, i) + (word[i + 1] ?? 'x') + (word[i] ?? '') + word.slice(i + 2),
    word.slice(0, i) + r.pick([...'aeisnt-_']) + word.slice(i + 1),
    (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + word.slice(1),
  ])
}

function rename(holder: Value, from: string, to: string): void {
  const entries = Object.entries(holder)
  for (const key of Object.keys(holder)) delete holder[key]
  for (const [key, value] of entries) set(holder, key === from ? to : key, value)
}

function anySlot(r: Random, entity: Value, change: (holder: Value, key: string) => void): void {
  const all = slots(entity)
  if (all.length > 0) change(...r.pick(all))
}

function anyText(r: Random, entity: Value, change: (holder: Value, key: string, text: string) => void): void {
  const all = textSlots(entity)
  if (all.length === 0) return
  const [holder, key] = r.pick(all)
  change(holder, key, String(holder[key]))
}

const REQUIRED = [
  'name',
  'owner',
  'type',
  'lifecycle',
  'definition',
  'children',
  'memberOf',
  'steps',
  'spec',
  'metadata',
  'kind',
  'apiVersion',
  'remotes',
  'category',
  'profile',
]

/** A ref put together of parts that may each be missing, empty or odd. */
function oddRef(r: Random): string {
  const word = () =>
    r.pick(['a', 'Component', 'component', 'user', 'default', '', ' ', 'a b', 'é', '__proto__', 'x-1', 'API'])
  return (
    r.pick(['', `${word()}:`, `${word()}:`, ':']) +
    r.pick(['', `${word()}/`, '/']) +
    word() +
    r.pick(['', '', '', ':', '/', `/${word()}`])
  )
}

const linkOf = (r: Random): unknown =>
  r.pick<unknown>([
    [{ url: r.pick(near.urls) }],
    [{ url: 'https://a', [r.pick(['title', 'icon', 'type', 'other'])]: r.pick(['', ' ', '\u00a0', 'a', 1, null]) }],
    [{ title: 'a' }],
    ['https://a'],
    [null],
    [[]],
    {},
  ])

const locationSpec = (r: Random): unknown =>
  r.pick<unknown>([
    {},
    { type: r.pick(['url', 'file', 'github', 'URL', '', 1, null, { $text: './a' }]), target: './a' },
    { target: r.pick(near.urls) },
    { targets: r.pick<unknown>([[], ['./a'], [''], [1], './a', null, [{ $text: './a' }]]) },
    { target: './a', presence: r.pick(['optional', 'required', 'maybe', null]) },
    { target: './a', targets: ['./b'] },
  ])

export const entityOperators: Record<string, EntityOperator> = {
  'drop-field': (r, e) =>
    anySlot(r, e, (holder, key) => (Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key])),
  'drop-required': (r, e) => {
    delete r.pick([e, part(e, 'metadata'), part(e, 'spec')])[r.pick(REQUIRED)]
  },
  'typo-key': (r, e) => anySlot(r, e, (holder, key) => Array.isArray(holder) || rename(holder, key, typo(r, key))),
  'typo-value': (r, e) => anyText(r, e, (holder, key, text) => set(holder, key, typo(r, text))),
  'wrong-type': (r, e) => anySlot(r, e, (holder, key) => set(holder, key, copy(r.pick<unknown>(near.junk)))),
  'wrong-type-twice': (r, e) => {
    for (let i = 0; i < 2; i++) anySlot(r, e, (holder, key) => set(holder, key, copy(r.pick<unknown>(near.junk))))
  },
  'swap-values': (r, e) =>
    anySlot(r, e, (a, b) =>
      anySlot(r, e, (c, d) => {
        const value = copy(a[b])
        if (!slots(c[d]).some(([holder]) => holder === a)) set(a, b, copy(c[d]))
        if (!slots(value).some(([holder]) => holder === c)) set(c, d, value)
      }),
    ),
  'move-up': (r, e) => {
    const key = r.pick(['type', 'owner', 'lifecycle', 'name', 'annotations', 'tags'])
    const from = Object.hasOwn(part(e, 'spec'), key) ? part(e, 'spec') : part(e, 'metadata')
    if (!Object.hasOwn(from, key)) return
    e[key] = from[key]
    delete from[key]
  },
  name: (r, e) => set(part(e, 'metadata'), 'name', r.pick<unknown>(near.names)),
  namespace: (r, e) => set(part(e, 'metadata'), 'namespace', r.pick<unknown>(near.namespaces)),
  'label-key': (r, e) => set(mapIn(e, 'labels'), r.pick(near.prefixed), 'a'),
  'label-value': (r, e) => set(mapIn(e, 'labels'), 'a', copy(r.pick<unknown>(near.labelValues))),
  'annotation-key': (r, e) => set(mapIn(e, 'annotations'), r.pick(near.prefixed), 'a'),
  'annotation-value': (r, e) =>
    set(mapIn(e, 'annotations'), r.pick(['a', ...near.annotations]), copy(r.pick<unknown>(near.annotationValues))),
  'annotations-empty': (r, e) =>
    set(
      part(e, 'metadata'),
      r.pick(['annotations', 'annotations', 'labels']),
      copy(
        r.pick<unknown>([null, '', 0, false, [], {}, 'a', ['a'], 1, Number.NaN, { $text: './a' }, { $yaml: './a' }]),
      ),
    ),
  tag: (r, e) =>
    set(
      part(e, 'metadata'),
      'tags',
      copy(
        r.pick<unknown>([
          [r.pick<unknown>(near.tags)],
          ['a', r.pick<unknown>(near.tags)],
          ['a', 'a'],
          ['a', 'A'],
          r.pick<unknown>(near.junk),
        ]),
      ),
    ),
  link: (r, e) => set(part(e, 'metadata'), 'links', linkOf(r)),
  'metadata-text': (r, e) =>
    set(
      part(e, 'metadata'),
      r.pick(['title', 'description', 'uid', 'etag', 'other', 'generation', 'Title']),
      copy(r.pick<unknown>(['', ' ', null, 1, ['a'], {}, 'a', '日本語 🎉'])),
    ),
  ref: (r, e) =>
    set(part(e, 'spec'), r.pick(refFields), copy(r.chance(0.5) ? r.pick<unknown>(refs) : [r.pick<unknown>(refs)])),
  'ref-parts': (r, e) =>
    set(part(e, 'spec'), r.pick(refFields), r.chance(0.4) ? oddRef(r) : [oddRef(r), 'component:default/a', oddRef(r)]),
  'ref-in-place': (r, e) => {
    const own = refFields.filter(field => Object.hasOwn(part(e, 'spec'), field))
    if (own.length === 0) return
    const field = r.pick(own)
    const ref = r.chance(0.5) ? oddRef(r) : r.pick<unknown>(refs)
    set(part(e, 'spec'), field, Array.isArray(part(e, 'spec')[field]) ? ['component:a', copy(ref)] : copy(ref))
  },
  kind: (r, e) => set(e, 'kind', r.pick<unknown>(near.kinds)),
  'api-version': (r, e) => set(e, 'apiVersion', copy(r.pick<unknown>(near.apiVersions))),
  'kind-and-version': (r, e) => {
    set(e, 'kind', r.pick(['Template', 'AiResource', 'API', 'Location', 'Component']))
    set(e, 'apiVersion', r.pick(['backstage.io/v1alpha1', 'backstage.io/v1beta1', 'scaffolder.backstage.io/v1beta3']))
  },
  'foreign-root': (r, e) =>
    set(
      e,
      r.pick([
        'relations',
        'status',
        'owner',
        'labels',
        'Spec',
        'x',
        'name',
        'annotations',
        '$schema',
        '<<',
        'metadta',
        '',
        ...near.protoKeys,
      ]),
      copy(r.pick<unknown>([[], {}, 'a', null, [{ type: 'ownedBy', targetRef: 'group:default/a' }]])),
    ),
  spec: (r, e) => set(e, 'spec', copy(r.pick<unknown>([null, [], '', 'a', {}, 1, { $yaml: './a' }, { $text: './a' }]))),
  metadata: (r, e) =>
    set(e, 'metadata', copy(r.pick<unknown>([null, [], '', 'a', {}, 1, { name: 'a' }, { $yaml: './a' }]))),
  'spec-type': (r, e) => set(part(e, 'spec'), 'type', copy(r.pick<unknown>(near.specTypes))),
  location: (r, e) => {
    set(e, 'kind', 'Location')
    set(e, 'spec', locationSpec(r))
  },
  placeholder: (r, e) => anySlot(r, e, (holder, key) => set(holder, key, copy(r.pick<unknown>(placeholders)))),
  'definition-placeholder': (r, e) =>
    set(part(e, 'spec'), r.pick(['definition', 'other']), copy(r.pick<unknown>(placeholders))),
  'dollar-key': (r, e) =>
    anySlot(
      r,
      e,
      holder => Array.isArray(holder) || set(holder, r.pick(['$text', '$yaml', '$ref', '$', '$text ']), './a'),
    ),
  'case-clash': (r, e) => {
    const holder = r.pick([mapIn(e, 'labels'), mapIn(e, 'annotations'), part(e, 'spec'), part(e, 'metadata')])
    const key = r.pick([...Object.keys(holder).filter(Boolean), 'team'])
    holder[key] ??= 'a'
    const first = key[0] ?? ''
    set(
      holder,
      (first === first.toUpperCase() ? first.toLowerCase() : first.toUpperCase()) + key.slice(1),
      r.pick<unknown>(['a', {}, [], null, { a: 1 }]),
    )
  },
  'case-clash-deep': (r, e) =>
    set(
      part(e, 'spec'),
      'x',
      copy(
        r.pick<unknown>([
          ['a', 'A'],
          { a: ['b', 'B'] },
          { a: { b: 1 }, A: { b: 1 } },
          { a: {}, A: {} },
          { 'a.b': 1, a: { B: 1 } },
          ['a', { a: 1 }],
          [['a'], ['A']],
          ['İ', 'i̇'],
          ['K', 'K'],
          [1, '1'],
          [{ a: 1 }, { A: 1 }],
        ]),
      ),
    ),
  'template-text': (r, e) =>
    anyText(r, e, (holder, key) =>
      set(
        holder,
        key,
        r.pick(['${{ values.name }}', '{{ values.name }}', '${{ values.owner | dump }}', '{% if x %}a{% endif %}']),
      ),
    ),
  'long-text': (r, e) =>
    anyText(r, e, (holder, key) => set(holder, key, near.x(r.pick([63, 64, 253, 254, 255, 256, 10_000, 300_000])))),
  'many-entries': (r, e) => {
    const holder = mapIn(e, r.pick(['labels', 'annotations']))
    for (let i = 0, n = r.pick([100, 300]); i < n; i++) holder[`k${i}`] = 'v'
  },
  deep: (r, e) => {
    let at = part(e, 'spec')
    for (let i = 0, n = r.pick([50, 150]); i < n; i++) {
      const inner: Value = {}
      at['n'] = inner
      at = inner
    }
  },
  'deep-list': (r, e) => {
    let value: unknown = r.pick<unknown>([1, 'a', {}, { $text: './a' }, { $text: 1 }])
    for (let i = 0, n = r.int(40); i < n; i++) value = r.chance(0.5) ? [value] : { a: value }
    set(part(e, 'spec'), r.pick(['deep', 'profile', 'definition', 'steps']), value)
  },
  unicode: (r, e) => anyText(r, e, (holder, key, text) => set(holder, key, text + r.pick(near.odd))),
  'unicode-key': (r, e) =>
    anySlot(r, e, (holder, key) => Array.isArray(holder) || rename(holder, key, key + r.pick(near.odd))),
  'prototype-key': (r, e) =>
    anySlot(
      r,
      e,
      holder => Array.isArray(holder) || set(holder, r.pick(near.protoKeys), copy(r.pick<unknown>(near.junk))),
    ),
  'prototype-rename': (r, e) =>
    anySlot(r, e, (holder, key) => Array.isArray(holder) || rename(holder, key, r.pick(near.protoKeys))),
  'number-key': (r, e) =>
    anySlot(
      r,
      e,
      holder =>
        Array.isArray(holder) || set(holder, r.pick(['0', '1', '-1', '1.5', '1e3', '01', 'null', 'true', '.inf']), 'a'),
    ),
}
