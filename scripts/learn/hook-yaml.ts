// What was learned → the `catalog:` part of hook.yaml, each line with where it is known from.
import { stringify } from 'yaml'
import { printable } from '../../schemas/printable.ts'
import type { Findings, Found } from './findings.ts'

const SETTINGS = ['profile', 'placeholders', 'ownerFrom', 'techdocs'] as const

export function hookYaml(findings: Findings, heading: readonly string[]): string {
  const { rules, notes } = findings
  const settings = SETTINGS.flatMap(name => {
    const found: Found<unknown> | undefined = findings[name]
    return found === undefined ? [] : [`  ${name}: ${flow(found.value)}${comment(found.from)}`]
  })
  const ruled =
    rules === undefined ? [] : [`  rules:${comment(rules.from)}`, ...rules.value.map(rule => `    - ${flow(rule)}`)]
  const lines = [...settings, ...ruled]
  return [
    ...heading.map(line => `# ${printable(line)}`),
    ...(notes.length > 0 ? ['#', '# Not known, or not what the gate expects:'] : []),
    ...notes.map(note => `# - ${printable(note)}`),
    lines.length === 0 ? 'catalog: {}' : 'catalog:',
    ...lines,
    '',
  ].join('\n')
}

const comment = (from: string) => ` # ${printable(from)}`

/** `[text, json]` and `{ allow: [Component] }`, as people write them. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  // A line break in a text would be one in the list.
  if (typeof value === 'string' && /[\p{Cc}\u2028\u2029]/u.test(value)) return JSON.stringify(value)
  if (typeof value !== 'object' || value === null)
    return stringify(value, { lineWidth: 0, collectionStyle: 'flow' }).trim()
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${flow(item)}`)
    .join(', ')} }`
}
