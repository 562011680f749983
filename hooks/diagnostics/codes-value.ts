// Values and keys that the catalog takes and nobody can use: the codes, and their words.
import { count } from '../../schemas/count.ts'
import { printable } from '../../schemas/printable.ts'
import type { CodesOf } from './facts.ts'
import { NUL } from './hidden.ts'
import { fileName, shown } from './hints.ts'
import { clip, fieldName, quoted } from './wording.ts'

type Code =
  | 'misspelt-annotation'
  | 'misplaced-field'
  | 'annotation-value'
  | 'placeholder-as-text'
  | 'impossible-ref'
  | 'unfilled-variable'
  | 'nested-entity'
  | 'invisible-character'
  | 'not-utf-8'
  | 'wrong-encoding'

export const valueCodes: CodesOf<Code> = {
  'misspelt-annotation': {
    severity: 'warning',
    words: ({ key, meant }) => ({
      message: `${quoted(key, 100)} is not an annotation that Backstage or its plugins read`,
      hint: `did you mean ${quoted(meant)}?`,
    }),
  },
  'misplaced-field': {
    severity: 'warning',
    words: ({ field, where, belongsIn, flat }) => ({
      message: `${quoted(field, 100)} ${flat !== undefined && flat > 1 ? `and ${count(flat - 1, 'more key')} are` : 'is'} under ${where}, where Backstage does not read it; expected under ${belongsIn}`,
      hint:
        flat === undefined
          ? `move it, with what is below it, under ${belongsIn}`
          : `move ${flat > 1 ? `these ${flat} lines` : 'the line'} right by 2 spaces, below "${belongsIn.replace(/^.*\./, '')}:"`,
    }),
  },
  'annotation-value': {
    severity: 'warning',
    words: ({ key, found, expected, proposal }) => ({
      message: `${key} is ${quoted(found, 100)}; expected ${expected}`,
      hint: proposal === undefined ? `write ${expected}, or remove the line` : `write ${quoted(proposal, 200)}`,
    }),
  },
  'placeholder-as-text': {
    severity: 'warning',
    words: ({ field, placeholder, target, found, isOfApi }) => {
      const file = /^[a-z][a-z0-9+.-]*:/i.test(target) ? `./${fileName(target)}` : target
      const way = `write below "${printable(clip(field, 40))}:", on a line of its own and indented: ${placeholder}: ${shown(file)}`
      return {
        message: `${printable(clip(field, 40))} is the string ${quoted(found, 100)}, not the file: ${isOfApi ? 'the page of this API shows these words' : 'the catalog keeps these words'}`,
        hint: file === target ? way : `put the file into this repository and ${way}`,
      }
    },
  },
  'impossible-ref': {
    severity: 'warning',
    words: ({ field, found, kind, proposal, example, user, way }) => ({
      message: `${field} is ${quoted(found, 100)}; no entity can have this name; expected [kind:][namespace/]name, a name of letters, digits, "-", "_" or "."`,
      hint:
        way !== undefined
          ? shown(way)
          : proposal === undefined
            ? `write the metadata.name of the ${printable(clip(kind, 63))}${example === undefined ? '' : `, for example ${quoted(example)}`}${user === undefined ? '' : `, or ${quoted(user)}`}`
            : `write ${quoted(proposal, 200)}`,
    }),
  },
  'unfilled-variable': {
    severity: 'warning',
    words: ({ path, variable }) => ({
      message: `${shown(fieldName(path))} holds ${quoted(variable, 60)}, a variable that nothing has filled in; the catalog keeps it as it stands`,
      hint: 'write the value itself',
    }),
  },
  'nested-entity': {
    severity: 'warning',
    words: ({ where, kind, field }) =>
      kind === undefined
        ? {
            message: `"${field}" is under ${where}, where Backstage does not read it; expected at the left edge`,
            hint: `move what is below it under the "${field}:" at the left edge`,
          }
        : {
            message: `a second entity, of kind ${quoted(kind)}, is under ${where}, where Backstage does not read it`,
            hint: 'write a line "---" before it, and move it and all below it to the left edge',
          },
  },
  'invisible-character': {
    severity: 'warning',
    words: ({ field, found, character, clean }) => ({
      message: found.includes(NUL)
        ? `${shown(field)} holds ${character}, which PostgreSQL cannot store: in a catalog that has its tables there the entity never appears`
        : `${shown(field)} holds ${character}, which cannot be seen: ${quoted(found, 100)} is not equal to ${quoted(clean, 100)}`,
      hint: found.includes(NUL) ? 'remove it' : `write ${quoted(clean, 200)}`,
    }),
  },
  'not-utf-8': {
    severity: 'warning',
    words: ({ byte }) => ({
      message: `the file is not UTF-8: the byte 0x${byte} is here, and the catalog keeps a replacement character (U+FFFD)`,
      hint: 'save the file as UTF-8',
    }),
  },
  'wrong-encoding': {
    words: ({ encoding, found, proposal }) => ({
      message: `the file is ${encoding}, not UTF-8${found === undefined ? '' : `: the catalog reads ${quoted(found)} here`}`,
      hint: `save the file as UTF-8${proposal === undefined ? '' : `, and write ${quoted(proposal)}: plain letters only`}`,
    }),
  },
}
