// The organisation's own schemas (catalog.kinds), in addition to Backstage's: their rules, in their words where they have some.
import { pointerPart } from '../../../schemas/json-pointer.ts'
import type { OwnKind, OwnWords, SchemaError } from '../../../schemas/profile.ts'
import { wordsOf } from '../../diagnostics/codes.ts'
import { type Found, isMapValue, type Located, mapAt, type Subject } from '../check.ts'
import type { Value } from '../parse.ts'
import type { Source } from '../source.ts'
import { sureErrors } from '../unknown.ts'
import type { Quote } from './placeholder.ts'
import { explainSchemaErrors } from './schema.ts'

export function checkOwnKinds(
  { written, entity, profile, version, source }: Subject,
  quotes: readonly Quote[],
  found: Found,
): void {
  const { kind, apiVersion } = entity
  for (const own of profile.own ?? []) {
    if (!own.kinds.includes(String(kind)) || own.apiVersions?.includes(String(apiVersion)) === false) continue
    const judged = asWritten(entity, written)
    if (own.validate(judged)) continue
    const reported = new Set<string>()
    for (const group of causesOf(sureErrors(own.validate.errors ?? [], judged))) {
      const finding = explain(group, judged, own, { ...version?.fields, ...own.fields }, source)
      // Errors of several keywords under one message of the organisation's own are one finding.
      const key = JSON.stringify([finding.facts.problem, group[0].instancePath])
      if (reported.has(key) || isUnread(group[0], quotes)) continue
      reported.add(key)
      found(finding)
    }
  }
}

/** The catalog writes annotations of its own into every entity, which a rule about the file's must not see. */
function asWritten(entity: Value, written: Value): Value {
  const metadata = mapAt(entity, 'metadata')
  if (!isMapValue(metadata.annotations)) return entity
  const { annotations, ...rest } = metadata
  const own = mapAt(written, 'metadata').annotations
  const keys = isMapValue(own) ? Object.keys(own) : []
  if (keys.length === 0 && !isMapValue(own)) return { ...entity, metadata: rest }
  const kept = Object.entries(annotations).filter(([key]) => keys.includes(key))
  return { ...entity, metadata: { ...rest, annotations: Object.fromEntries(kept) } }
}

type Group = readonly [SchemaError, ...SchemaError[]]

/** Keywords that speak for what is below them: their branches' errors are not findings of their own. */
const SPEAKS_FOR_BRANCHES = ['oneOf', 'anyOf', 'contains', 'propertyNames']

function causesOf(errors: readonly SchemaError[]): Group[] {
  const choices = errors.filter(({ keyword }) => SPEAKS_FOR_BRANCHES.includes(keyword))
  const isBelow = (error: SchemaError, choice: SchemaError) => error.schemaPath.startsWith(`${choice.schemaPath}/`)
  return errors
    .filter(error => error.keyword !== 'if' && !choices.some(choice => isBelow(error, choice)))
    .map(error => [error, ...errors.filter(other => other !== error && isBelow(other, error))])
}

/** Of what a placeholder stands for that was not read only this is known here: whether it is a text. */
function isUnread({ instancePath, keyword }: SchemaError, quotes: readonly Quote[]): boolean {
  if (keyword === 'type') return false
  return quotes.some(({ path, state }) => {
    if (state === 'read') return false
    const pointer = path
      .slice(0, -1)
      .map(part => `/${pointerPart(String(part))}`)
      .join('')
    return instancePath === pointer || instancePath.startsWith(`${pointer}/`)
  })
}

function explain(
  group: Group,
  entity: Value,
  own: OwnKind,
  fields: OwnKind['fields'],
  source: Source,
): Extract<Located, { code: 'own-rule' }> {
  const [error] = group
  const version = { apiVersion: '', specType: undefined, relations: [], fields, validate: own.validate }
  const ours = located(group, entity, version, source)
  const { message, hint } = wordsOf(ours.code, ours.facts as never)
  const words = wordsFor(error, own.words)
  const wayOut = words.hint ?? hint
  return {
    code: 'own-rule',
    facts: { problem: words.message ?? plainer(error, message), ...(wayOut === undefined ? {} : { hint: wayOut }) },
    path: ours.path,
    part: ours.part,
  }
}

/** Our own finding of the first error of a group: its place, and words for want of others. */
function located(
  group: Group,
  entity: Value,
  version: Parameters<typeof explainSchemaErrors>[2],
  source: Source,
): Located {
  const all: Located[] = []
  explainSchemaErrors(group, entity, version, source, finding => all.push(finding))
  const [first] = all
  if (first === undefined) throw new Error(`no finding for the schema rule "${group[0].keyword}"`)
  const name = group[0].params['propertyName']
  return group[0].keyword === 'propertyNames'
    ? ({ ...first, path: [...first.path, name], part: 'key' } as Located)
    : first
}

const PLAINER: Record<string, string> = {
  'boolean schema is false': 'is not allowed',
  'must NOT be valid': 'has a form that is not allowed',
}

const plainer = ({ message = '' }: SchemaError, text: string) =>
  Object.hasOwn(PLAINER, message) ? text.replace(message, PLAINER[message] ?? '') : text

/** The words nearest to the rule: of the keyword's own subschema, of the schema it stands in, of a missing field's, and so on outwards. */
function wordsFor({ schemaPath, keyword, params }: SchemaError, words: Record<string, OwnWords>): OwnWords {
  const rule = schemaPath.replace(/^#/, '')
  const schema = rule.slice(0, rule.lastIndexOf('/'))
  const missing = keyword === 'required' ? encodeURIComponent(pointerPart(String(params['missingProperty']))) : ''
  const places = [rule, schema, ...(missing === '' ? [] : [`${schema}/properties/${missing}`])]
  for (let at = schema; at !== ''; ) {
    at = at.slice(0, at.lastIndexOf('/'))
    places.push(at)
  }
  const place = places.find(candidate => Object.hasOwn(words, candidate))
  return place === undefined ? {} : (words[place] ?? {})
}
