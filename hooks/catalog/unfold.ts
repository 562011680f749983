// How much a document becomes when its aliases are written out: yaml shares what an alias names, JSON repeats it.
//
// yaml allows 100 aliases, whatever they name: 1 MiB can become 50 MB of JSON, and a list that holds itself becomes no JSON at all.

/** Values, and characters of texts, in one document. A file of 1 MiB without an alias stays well below. */
const MAX_VALUES = 1_000_000
const MAX_CHARACTERS = 8_000_000

export function unfolds(root: unknown): 'well' | 'into itself' | 'too large' {
  const open = new Set<object>()
  let values = 0
  let characters = 0
  // Not recursive: depth is the writer's to choose. An object leaves `open` when all below it has been seen.
  const stack: { value: unknown; leave: boolean }[] = [{ value: root, leave: false }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { value, leave } = next
    if (typeof value === 'string') characters += value.length
    if (++values > MAX_VALUES || characters > MAX_CHARACTERS) return 'too large'
    if (typeof value !== 'object' || value === null) continue
    if (leave) {
      open.delete(value)
      continue
    }
    if (open.has(value)) return 'into itself'
    open.add(value)
    stack.push({ value, leave: true })
    for (const item of Object.values(value)) stack.push({ value: item, leave: false })
  }
  return 'well'
}
