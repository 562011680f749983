// Fields of a webhook's payload, which is whatever its sender wrote.
import { fieldOf } from '../../schemas/unknown.ts'

/** The text at the end of these names. */
export function textAt(value: unknown, ...names: string[]): string | undefined {
  const found = names.reduce(fieldOf, value)
  return typeof found === 'string' ? found : undefined
}
