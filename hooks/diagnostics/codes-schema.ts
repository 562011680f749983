// What the schemas of the catalog refuse: fields, kinds, versions, types: the codes, and their words.

import { printable } from '../../schemas/printable.ts'
import type { CodesOf } from './facts.ts'
import { hiddenIn } from './hidden.ts'
import { addHint, hintForKind, OTHER_FILE, shown } from './hints.ts'
import { clip, listed, quoted } from './wording.ts'

type Code =
  | 'not-an-entity'
  | 'missing-field'
  | 'empty-field'
  | 'unmerged-field'
  | 'wrong-type'
  | 'wrong-value'
  | 'unknown-field'
  | 'root-relations'
  | 'unknown-kind'
  | 'kind-not-allowed'
  | 'unknown-api-version'

const because = (why: string | undefined) => (why === undefined ? '' : `; ${why}`)

export const schemaCodes: CodesOf<Code> = {
  'not-an-entity': {
    words: ({ keys, lacks, format }) => ({
      message: `this is no catalog entity: it has no ${listed(lacks, 'and')}${
        keys.length > 0
          ? `, but ${listed(
              keys.map(key => quoted(key, 20)),
              'and',
            )}`
          : ''
      }`,
      hint: format
        ? `keep it in a file of its own, and name that file in an API entity: "definition:" and below it "$text: ./${format === 'asyncapi' ? format : 'openapi'}.yaml"`
        : OTHER_FILE,
    }),
  },
  'missing-field': {
    words: ({ field, name, examples, nearMiss, add, why }) => ({
      message: nearMiss
        ? `${quoted(nearMiss)}${hiddenIn(nearMiss)} is not a known field and ${field} is missing`
        : `${field} is missing${because(why)}`,
      hint: nearMiss ? `did you mean ${quoted(name)}?` : shown(add ?? addHint(name, examples)),
    }),
  },
  'empty-field': {
    words: ({ field, expected, hint, why }) => ({
      message: `${shown(field)} is empty; expected ${expected}${because(why)}`,
      ...(hint === undefined ? {} : { hint: shown(hint) }),
    }),
  },
  'unmerged-field': {
    words: ({ fields, lines }) => ({
      message: `the catalog does not merge "<<", so that ${shown(listed(fields, 'and'))} ${fields.length === 1 ? 'is' : 'are'} missing`,
      hint: `write in its place, each on a line of its own: ${shown(lines.join(', '))}`,
    }),
  },
  'wrong-type': {
    words: ({ field, expected, found, hint, why }) => ({
      message: `${printable(clip(field, 100))} is ${printable(found)}; expected ${expected}${because(why)}`,
      ...(hint === undefined ? {} : { hint: shown(hint) }),
    }),
  },
  'wrong-value': {
    words: ({ field, found, allowed, close }) => ({
      message: `${field} is ${quoted(found)}; expected ${listed(close.length > 0 ? close : allowed, 'or')}`,
      ...(close[0] === undefined ? {} : { hint: `did you mean ${quoted(close[0])}?` }),
    }),
  },
  'unknown-field': {
    words: ({ field, where, known, close, belongsIn, comment, way }) => ({
      message: `${quoted(field)}${hiddenIn(field)} is not a known field ${where}`,
      hint: comment
        ? `write it as a comment: ${shown(comment)}`
        : close[0] && !way?.startsWith('remove')
          ? `did you mean ${quoted(close[0])}?${belongsIn ? ` ${way ?? `move it into ${belongsIn}`}` : ''}`
          : belongsIn
            ? (way ?? `move it into ${belongsIn}`)
            : way
              ? way
              : `known here: ${known.join(', ')}; other data can go into metadata.annotations or spec`,
    }),
  },
  'root-relations': {
    words: ({ field, ways, isEmpty }) => ({
      message: `${quoted(field)} is written by the catalog and cannot be in a file`,
      hint:
        field !== 'relations'
          ? 'remove it'
          : isEmpty
            ? 'remove it: there is nothing in it'
            : ways === undefined
              ? 'remove it and name the other entities in spec: owner, system, dependsOn, providesApis'
              : ways.length === 0
                ? 'remove it: spec names the same entities already'
                : `remove it and ${shown(ways.join('; '))}`,
    }),
  },
  'unknown-kind': {
    words: ({ kind, type, known, close, meant, ofModel, foreignVersion, isList }) => ({
      message: ofModel
        ? `kind ${quoted(kind)}${type === undefined ? '' : ` with spec.type ${quoted(type)}`} is known only to a Backstage with a catalog model`
        : foreignVersion !== undefined
          ? `this is no catalog entity: its apiVersion is ${quoted(foreignVersion)} and its kind ${quoted(kind)}`
          : `kind ${quoted(kind)} is not known; expected ${listed(meant ? [meant.kind] : close.length > 0 ? close : known, 'or')}`,
      ...(isList
        ? { hint: 'write each of its items as a document of its own, with a line "---" between two of them' }
        : hintForKind(close[0], meant, ofModel === true, foreignVersion !== undefined)),
    }),
  },
  'kind-not-allowed': {
    words: ({ kind, type, allowed, from }) => ({
      message: `kind ${quoted(kind)}${type === undefined ? '' : ` with spec.type ${quoted(type)}`} is not accepted from this file; your Backstage accepts ${listed(allowed, 'or') || 'nothing'} here`,
      hint: from[0]
        ? `it is accepted from ${shown(from[0])}: move it there`
        : ['user', 'group'].includes(kind.toLowerCase())
          ? "users and groups come from elsewhere then, for example from your organisation's directory: remove this document"
          : 'remove this document, or ask who runs Backstage to allow it under catalog.rules',
    }),
  },
  'unknown-api-version': {
    words: ({ kind, apiVersion, known }) => ({
      message: `apiVersion ${quoted(apiVersion)} is not known for kind ${kind}; expected ${listed(known, 'or')}`,
      hint: `write "apiVersion: ${known[0]}"${kind === 'Template' && /v1(?:alpha1|beta2)$/.test(apiVersion) ? '; the steps of an older template have to be rewritten too' : ''}`,
    }),
  },
}
