// A seeded generator of near-valid catalog files: valid entities of every kind, each broken in up to three known ways.
import { Document, isCollection, isScalar, visit } from 'yaml'
import { bases, type Value } from './bases.ts'
import { type EntityOperator, entityOperators, slots } from './entity-operators.ts'
import { type Random, randomFrom } from './random.ts'
import { formOperators } from './text-forms.ts'
import type { TextOperator } from './text-lines.ts'
import { type ByteOperator, byteOperators, textOperators } from './text-operators.ts'

export type Mutant = { bytes: Buffer; operators: string[] }

const onText = { ...textOperators, ...formOperators }
const names = [...Object.keys(entityOperators), ...Object.keys(onText), ...Object.keys(byteOperators)]

/** Document `index` of a seed. One in twenty is left whole; one in ten is a file of several documents. `name`: what the first is called instead, before it is broken. */
export function mutant(seed: number, index: number, name?: string): Mutant {
  const r = randomFrom(Math.imul(seed, 1_000_003) + index)
  if (!r.chance(0.1)) return single(r, name)
  const parts = Array.from({ length: 2 + r.int(3) }, (_, i) => single(r, name && `${name}.${i}`))
  return {
    bytes: Buffer.concat(
      parts.flatMap(({ bytes }, i) => [
        ...(i === 0 ? [] : [Buffer.from(r.pick(['---\n', '---\n', '\n---\n', '--- # next\n', '...\n---\n']))]),
        bytes,
      ]),
    ),
    operators: parts.flatMap(({ operators }) => [...operators, '---']).slice(0, -1),
  }
}

function single(r: Random, name?: string): Mutant {
  const count = r.chance(0.05) ? 0 : r.pick([1, 1, 1, 2, 2, 3])
  const operators = Array.from({ length: count }, () => r.pick(names))
  const of = <T>(table: Record<string, T>) =>
    operators.flatMap(name => (Object.hasOwn(table, name) ? [table[name] as T] : []))
  const value = structuredClone(r.pick(bases))
  if (name !== undefined) value['metadata'] = { ...(value['metadata'] as Value), name }
  for (const change of of<EntityOperator>(entityOperators)) if (slots(value).length > 0) change(r, value)
  let text = write(r, value)
  for (const change of of<TextOperator>(onText)) text = change(r, text)
  let bytes: Buffer = Buffer.from(text)
  for (const change of of<ByteOperator>(byteOperators)) bytes = change(r, bytes)
  return { bytes, operators }
}

/** As people write it, and now and then in another of YAML's forms: quoted, flow, indented otherwise. */
function write(r: Random, value: Value): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  if (r.chance(0.15)) {
    const form = r.pick(['flow', 'double', 'single', 'folded'] as const)
    visit(document, (_, node) => {
      if (!r.chance(0.3)) return
      if (isCollection(node) && form === 'flow') node.flow = true
      else if (isScalar(node) && typeof node.value === 'string')
        node.type = (
          { double: 'QUOTE_DOUBLE', single: 'QUOTE_SINGLE', folded: 'BLOCK_FOLDED', flow: 'PLAIN' } as const
        )[form]
    })
  }
  return document.toString({
    lineWidth: r.chance(0.1) ? 40 : 0,
    indentSeq: r.chance(0.8),
    indent: r.chance(0.9) ? 2 : r.pick([1, 3, 4]),
  })
}
