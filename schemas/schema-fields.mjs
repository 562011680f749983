// The known fields of a schema by path, with the values that its examples use: words for messages, not rules.
//
// Plain JavaScript, since compile.mjs runs under any Node.

/** `spec.lifecycle` → `['experimental', 'production']`; entries of a list are `metadata.links[].url`. */
export function fieldsOf(schema, at = '', out = {}) {
  for (const [name, sub] of Object.entries(schema.properties ?? {})) {
    const path = at ? `${at}.${name}` : name
    const examples = (sub.enum ?? sub.examples ?? []).filter(value => typeof value === 'string')
    out[path] = examples
    if (sub.type === 'object') fieldsOf(sub, path, out)
    if (sub.items?.type === 'object') fieldsOf(sub.items, `${path}[]`, out)
  }
  return out
}
