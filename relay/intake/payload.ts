// Fields of a webhook's payload, which is whatever its sender wrote.

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

/** The text at the end of these names. */
export function textAt(value: unknown, ...names: string[]): string | undefined {
  const found = names.reduce(fieldOf, value)
  return typeof found === 'string' ? found : undefined
}
