// What Backstage's kinds are at the installed version, in a form that a person can read the difference of.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { kindsOf } from '../../schemas/compile.mjs'
import { profile as builtin } from '../../schemas/compiled/builtin.mjs'
import { profile as model } from '../../schemas/compiled/model.mjs'
import type { Profile } from '../../schemas/profile.ts'

const file = new URL('kinds.txt', import.meta.url)
const packageVersion = (name: string): string => createRequire(import.meta.url)(`${name}/package.json`).version

type Schema = Record<string, unknown>
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One line a field: path, type and what limits it; an asterisk marks a required one. */
function fieldLines(schema: Schema, at = ''): string[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const lines = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {}).flatMap(([name, sub]) => {
    const path = at === '' ? name : `${at}.${name}`
    if (!isSchema(sub)) return [`${path} ${JSON.stringify(sub)}`]
    return [`${path}${required.includes(name) ? '*' : ''} ${limits(sub)}`.trimEnd(), ...fieldLines(sub, path)]
  })
  const items = schema['items']
  const without = required.filter(
    name => !isSchema(schema['properties']) || !Object.hasOwn(schema['properties'], String(name)),
  )
  return [
    ...lines,
    ...without.map(name => `${at === '' ? '' : `${at}.`}${name}* (described nowhere)`),
    ...(isSchema(items) ? [`${at}[] ${limits(items)}`.trimEnd(), ...fieldLines(items, `${at}[]`)] : []),
  ]
}

const WORDS = ['description', 'examples', 'title', 'default', '$schema', '$id']
const TOLD_APART = ['properties', 'items', 'required']

function limits(schema: Schema): string {
  return Object.entries(schema)
    .filter(([key]) => !WORDS.includes(key) && !TOLD_APART.includes(key))
    .map(([key, value]) =>
      key === 'type'
        ? String(value)
        : `${key}=${JSON.stringify(value, (name, inner) => (WORDS.includes(name) ? undefined : inner))}`,
    )
    .join(' ')
}

function profileLines(name: 'builtin' | 'model', profile: Profile): string[] {
  return kindsOf(name).flatMap(({ kind, versions }) =>
    versions.flatMap(({ apiVersion, specType, schema }) => {
      const compiled = profile.kinds
        .find(known => known.kind === kind)
        ?.versions.find(v => v.apiVersion === apiVersion && v.specType === specType)
      const relations = (compiled?.relations ?? []).map(
        ({ field, defaultKind, allowedKinds }) =>
          `relation spec.${field} default ${defaultKind ?? 'none'} allowed ${allowedKinds?.join('|') ?? 'all'}`,
      )
      const root = [`root additionalProperties=${JSON.stringify(schema['additionalProperties'])}`]
      return [
        `\n${name} ${kind} ${apiVersion}${specType === undefined ? '' : ` spec.type=${specType}`}`,
        ...[...root, ...fieldLines(schema), ...relations].map(line => `  ${line}`),
      ]
    }),
  )
}

export function summary(): string {
  const packages = ['@backstage/catalog-model', '@backstage/plugin-scaffolder-common']
  const head = [
    "What Backstage's kinds are, as compiled. Written by: npm run agreement -- --update",
    ...packages.map(name => `${name} ${packageVersion(name)}`),
  ]
  return `${[...head, ...profileLines('builtin', builtin), ...profileLines('model', model)].join('\n')}\n`
}

export const storedSummary = () => readFileSync(file, 'utf8')

export function updateSummary(): void {
  writeFileSync(file, summary())
  console.log(`written: ${file.pathname}; "git diff" shows what changed`)
}
