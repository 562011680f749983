// Names, keys, refs and other values that the catalog does not accept: the codes, and their words.

import { printable } from '../../schemas/printable.ts'
import type { CodesOf } from './facts.ts'
import { fileName, format, unknownPlaceholderWords } from './hints.ts'
import { clip, listed, quoted } from './wording.ts'

type Code =
  | 'name-format'
  | 'namespace-format'
  | 'kind-format'
  | 'api-version-format'
  | 'label-key'
  | 'label-value'
  | 'annotation-key'
  | 'tag-format'
  | 'link-url'
  | 'link-text'
  | 'entity-ref'
  | 'placeholder-value'
  | 'placeholder-unknown'
  | 'placeholder-repository'
  | 'placeholder-url'
  | 'location-type'
  | 'key-case'
  | 'schema-rule'
  | 'own-rule'

/** By the kind that the field means. */
const EXAMPLES: Record<string, string> = { group: 'group:default/my-team', user: 'user:default/jane.doe' }

const WRITE_OUT = 'remove the line and write out what it stands for'

export const formatCodes: CodesOf<Code> = {
  'name-format': { words: facts => format('name', facts) },
  'namespace-format': { words: facts => format('namespace', facts) },
  'kind-format': { words: facts => format('kind', facts) },
  'api-version-format': { words: facts => format('apiVersion', facts) },
  'label-key': { words: facts => format('label key', facts, facts.found === '<<' ? WRITE_OUT : undefined) },
  'label-value': {
    words: facts =>
      format(
        `label ${quoted(facts.key)}: value`,
        facts,
        'an annotation accepts any string: move it to metadata.annotations',
      ),
  },
  'annotation-key': { words: facts => format('annotation key', facts, facts.found === '<<' ? WRITE_OUT : undefined) },
  'tag-format': { words: facts => format('tag', facts) },
  'link-url': {
    words: ({ found, proposal }) => ({
      message: `link URL ${quoted(found)} is not an absolute URL`,
      hint: proposal ? `try ${quoted(proposal)}` : 'write it with its scheme: https://...',
    }),
  },
  'link-text': {
    words: ({ field, name }) => ({
      message: `${field} is blank; expected a string with something in it`,
      hint: `remove the line, or write a ${name}`,
    }),
  },
  'entity-ref': {
    words: ({ field, name, found, why, proposals, kind }) => ({
      message: {
        'no kind': `${field}: ${quoted(found)} does not name its kind, and ${name} has no default kind`,
        'no name': `${field}: ${quoted(found)} ends where the name should begin; expected [kind:][namespace/]name`,
        'empty part': `${field}: ${quoted(found)} is not an entity reference; expected [kind:][namespace/]name`,
      }[why],
      hint:
        proposals.length > 0
          ? `try ${listed(
              proposals.map(p => quoted(p)),
              'or',
            )}`
          : `an entity reference looks like ${EXAMPLES[kind] ?? `${kind}:default/payments`}`,
    }),
  },
  'placeholder-value': {
    words: ({ placeholder, found }) => ({
      message: `${placeholder} is ${found}; expected a relative path or an absolute URL`,
      hint: `write for example "${placeholder}: ./openapi.yaml"`,
    }),
  },
  'placeholder-unknown': { words: unknownPlaceholderWords },
  'placeholder-repository': {
    words: ({ placeholder, target }) => ({
      message: `${placeholder} names a file of another repository, which the catalog does not read: ${quoted(target, 60)}`,
      hint: `copy the file into this repository and write ${quoted(`${placeholder}: ./${fileName(target)}`)}`,
    }),
  },
  'placeholder-url': {
    words: ({ placeholder, target }) => ({
      message: `${placeholder} names no file of a repository: ${quoted(target, 60)}; expected a relative path or the URL of a file`,
      hint: `put the file into this repository and write for example "${placeholder}: ./openapi.yaml"`,
    }),
  },
  'location-type': {
    words: ({ found }) => ({
      message: `spec.type of a Location is ${quoted(found)}; expected "url"`,
      hint: `write "type: url"${found === 'file' ? '; "file" means the disk of the Backstage server' : ''}`,
    }),
  },
  'key-case': {
    words: ({ key, other }) => ({
      message: `${quoted(key)} and ${quoted(other)} differ only in case; the catalog would never show this entity`,
      hint: 'remove or rename one of them',
    }),
  },
  'schema-rule': {
    words: ({ field, problem }) => ({ message: `${field} ${problem}` }),
  },
  'own-rule': {
    words: ({ problem, hint }) => ({
      message: printable(clip(problem, 300)),
      ...(hint ? { hint: printable(clip(hint, 300)) } : {}),
    }),
  },
}
