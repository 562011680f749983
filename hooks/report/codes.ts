// Every diagnostic code with its words: one table that the compiler keeps complete. A code is never reused for another meaning.
//
// A message says what was found, quoted, and what was expected; the hint is the way out.
import { clip, listed, printable, quoted } from './wording.ts'

/** What a check found out, by code; the words are made of it. */
export type Facts = {
  'yaml-syntax': { problem: string; hint?: string }
  'yaml-colon': { proposal: string }
  'yaml-quotes': { problem: string; proposal?: string }
  'yaml-missing-space': { after: string; proposal: string }
  'yaml-tab': { others: number }
  'yaml-indent': { problem: string; hint?: string }
  'yaml-multiline-key': { problem: string; hint: string }
  'yaml-unclosed': { opened: string; closing: string; proposal?: string }
  'yaml-duplicate-key': { key: string; firstLine: number }
  'yaml-separator': { problem: string; hint: string }
  'yaml-alias': { problem: string; hint: string }
  'not-checked': { reason: string }
  'yaml-conflict-marker': { marker: string }
  'not-a-map': { found: string; isListOfEntities?: boolean }
  'not-an-entity': { keys: string[]; format?: string }
  'missing-field': { field: string; examples: string[]; nearMiss?: string; add?: string }
  'empty-field': { field: string; examples: string[]; add?: string }
  'wrong-type': { field: string; expected: string; found: string; examples: string[]; hint?: string }
  'wrong-value': { field: string; found: string; allowed: string[]; close: string[] }
  'unknown-field': { field: string; where: string; known: string[]; close: string[]; belongsIn?: string }
  'root-relations': { field: string; proposal?: string }
  'unknown-kind': {
    kind: string
    known: string[]
    close: string[]
    meant?: { kind: string; type?: string }
    ofModel?: boolean
    isForeign?: boolean
  }
  'unknown-api-version': { kind: string; apiVersion: string; known: string[] }
  'name-format': FormatFacts
  'namespace-format': FormatFacts
  'kind-format': FormatFacts
  'api-version-format': FormatFacts
  'label-key': FormatFacts
  'label-value': FormatFacts & { key: string }
  'annotation-key': FormatFacts
  'tag-format': FormatFacts
  'link-url': { found: string; proposal?: string }
  'link-text': { field: string }
  'entity-ref': { field: string; found: string; why: 'no kind' | 'no name' | 'empty part'; proposals: string[] }
  'placeholder-value': { placeholder: string; found: string }
  'placeholder-repository': { placeholder: string; target: string }
  'location-type': { found: string }
  'key-case': { key: string; other: string }
  'schema-rule': { field: string; problem: string }
  'own-rule': { problem: string; hint?: string }
  'misspelt-field': { field: string; where: string; meant: string }
  'merge-key': { keys: string[] }
  'catalog-annotation': { key: string }
  'yaml-version': Record<string, never>
  'file-name': { found: string }
  'duplicate-entity': { ref: string; otherPath: string; otherLine: number; isSameFile: boolean }
  'missing-target': { what: 'target' | 'placeholder' | 'techdocs'; target: string; path: string }
  'techdocs-config': { found: string; expected: string }
}

/** A value that breaks a rule for names: what is wrong with it, and the nearest that would do. */
type FormatFacts = { found: string; wrong: string; expected: string; proposal?: string }

export type Code = keyof Facts
export type Words = { message: string; hint?: string }
type CodeInfo<C extends Code> = { title: string; severity: 'error' | 'warning'; words: (facts: Facts[C]) => Words }

const NAME_SHAPE = 'letters, digits, "-", "_" or "."'

export const codes: { [C in Code]: CodeInfo<C> } = {
  'yaml-syntax': {
    title: 'The YAML cannot be read',
    severity: 'error',
    words: ({ problem, hint }) => ({ message: shown(problem), ...(hint ? { hint: shown(hint) } : {}) }),
  },
  'yaml-colon': {
    title: 'A text with ": " in it has no quotes',
    severity: 'error',
    words: ({ proposal }) => ({
      message: 'the value contains ": ", which YAML reads as a second key',
      hint: write('put it in quotes', proposal),
    }),
  },
  'yaml-quotes': {
    title: 'A value needs quotes, or other ones',
    severity: 'error',
    words: ({ problem, proposal }) => ({
      message: shown(problem),
      hint: write('put the whole value in quotes', proposal),
    }),
  },
  'yaml-missing-space': {
    title: 'A space is missing after ":" or "-"',
    severity: 'error',
    words: ({ after, proposal }) => ({
      message: `a space is missing after ${after}`,
      hint: write('write the space', proposal),
    }),
  },
  'yaml-tab': {
    title: 'A tab is used for indentation',
    severity: 'error',
    words: ({ others }) => ({
      message: `a tab is used for indentation${others > 0 ? `, here and in ${others} more ${others === 1 ? 'line' : 'lines'}` : ''}; YAML allows only spaces there`,
      hint: 'replace each tab by two spaces',
    }),
  },
  'yaml-indent': {
    title: 'The indentation does not fit',
    severity: 'error',
    words: ({ problem, hint }) => ({
      message: shown(problem),
      hint: shown(hint ?? 'start the line in the same column as the other keys of its map'),
    }),
  },
  'yaml-multiline-key': {
    title: 'A line without a colon stands where a key is expected',
    severity: 'error',
    words: ({ problem, hint }) => ({ message: shown(problem), hint: shown(hint) }),
  },
  'yaml-unclosed': {
    title: 'A quote or bracket is not closed',
    severity: 'error',
    words: ({ opened, closing, proposal }) => ({
      message: `${opened} is opened here and not closed`,
      hint: proposal === undefined ? `add the closing ${closing}` : write('close it', proposal),
    }),
  },
  'yaml-duplicate-key': {
    title: 'The same key stands twice in one map',
    severity: 'error',
    words: ({ key, firstLine }) => ({
      message: `key ${quoted(key)} is there twice, first in line ${firstLine}`,
      hint: 'remove one of them, or merge their values',
    }),
  },
  'yaml-separator': {
    title: 'Two entities are not separated by "---"',
    severity: 'error',
    words: ({ problem, hint }) => ({ message: problem, hint }),
  },
  'yaml-alias': {
    title: 'An alias cannot be resolved',
    severity: 'error',
    words: ({ problem, hint }) => ({ message: shown(problem), hint: shown(hint) }),
  },
  'not-checked': {
    title: 'A document was too large to be checked',
    severity: 'warning',
    words: ({ reason }) => ({
      message: `it was not checked: ${reason}`,
      hint: 'make it smaller, or divide it into several files',
    }),
  },
  'yaml-conflict-marker': {
    title: 'A merge conflict is left in the file',
    severity: 'error',
    words: ({ marker }) => ({
      message: `merge conflict marker ${quoted(marker, 30)}`,
      hint: 'choose one side, remove the marker lines and commit again',
    }),
  },
  'not-a-map': {
    title: 'A document is not a map',
    severity: 'error',
    words: ({ found, isListOfEntities }) => ({
      message: `expected a map with apiVersion, kind, metadata and spec, but found ${found}`,
      hint: isListOfEntities
        ? 'write each entity without the "- ", and a line "---" between two of them'
        : 'begin with "apiVersion: backstage.io/v1alpha1"',
    }),
  },
  'not-an-entity': {
    title: 'A document is no catalog entity',
    severity: 'error',
    words: ({ keys, format }) => ({
      message: `this is no catalog entity: it has no apiVersion, kind and metadata${
        keys.length > 0
          ? `, but ${listed(
              keys.map(key => quoted(key, 20)),
              'and',
            )}`
          : ''
      }`,
      hint: format
        ? 'keep it in a file of its own, and name that file in an API entity: "definition:" and below it "$text: ./openapi.yaml"'
        : 'keep it in a file of its own, or begin it with "apiVersion: backstage.io/v1alpha1"',
    }),
  },
  'missing-field': {
    title: 'A required field is missing',
    severity: 'error',
    words: ({ field, examples, nearMiss, add }) => ({
      message: nearMiss ? `${quoted(nearMiss)} is not a known field and ${field} is missing` : `${field} is missing`,
      hint: nearMiss ? `did you mean ${quoted(lastPart(field))}?` : shown(add ?? addHint(field, examples)),
    }),
  },
  'empty-field': {
    title: 'A field is empty',
    severity: 'error',
    words: ({ field, examples, add }) => ({
      message: `${field} is empty; expected a text`,
      hint: add ?? addHint(field, examples),
    }),
  },
  'wrong-type': {
    title: 'A field has the wrong type',
    severity: 'error',
    words: ({ field, expected, found, examples, hint }) => ({
      message: `${printable(clip(field, 100))} is ${printable(found)}; expected ${expected}`,
      ...(hint === undefined ? wrongTypeHint(field, expected, found, examples) : { hint: shown(hint) }),
    }),
  },
  'wrong-value': {
    title: 'A field has a value that is not allowed',
    severity: 'error',
    words: ({ field, found, allowed, close }) => ({
      message: `${field} is ${quoted(found)}; expected ${listed(close.length > 0 ? close : allowed, 'or')}`,
      ...(close[0] === undefined ? {} : { hint: `did you mean ${quoted(close[0])}?` }),
    }),
  },
  'unknown-field': {
    title: 'A field is not known at this place',
    severity: 'error',
    words: ({ field, where, known, close, belongsIn }) => ({
      message: `${quoted(field)} is not a known field ${where}`,
      hint: close[0]
        ? `did you mean ${quoted(close[0])}?${belongsIn ? ` move it into ${belongsIn}` : ''}`
        : belongsIn
          ? `move it into ${belongsIn}`
          : `known here: ${known.join(', ')}; other data can go into metadata.annotations or spec`,
    }),
  },
  'root-relations': {
    title: 'A field is written by the catalog only',
    severity: 'error',
    words: ({ field, proposal }) => ({
      message: `${quoted(field)} is written by the catalog and cannot be in a file`,
      hint:
        field === 'relations'
          ? proposal
            ? `remove it and write in spec: ${shown(proposal)}`
            : 'remove it and name the other entity in spec: owner, system, dependsOn, providesApis'
          : 'remove it',
    }),
  },
  'unknown-kind': {
    title: 'The kind is not known to Backstage',
    severity: 'error',
    words: ({ kind, known, close, meant, ofModel, isForeign }) => ({
      message: ofModel
        ? `kind ${quoted(kind)} is known only to a Backstage with a catalog model`
        : `kind ${quoted(kind)} is not known; expected ${listed(meant ? [meant.kind] : close.length > 0 ? close : known, 'or')}`,
      ...hintForKind(close[0], meant, ofModel === true, isForeign === true),
    }),
  },
  'unknown-api-version': {
    title: 'The apiVersion does not belong to the kind',
    severity: 'error',
    words: ({ kind, apiVersion, known }) => ({
      message: `apiVersion ${quoted(apiVersion)} is not known for kind ${kind}; expected ${listed(known, 'or')}`,
      hint: `write "apiVersion: ${known[0]}"${kind === 'Template' ? '; the steps of an older template have to be rewritten too' : ''}`,
    }),
  },
  'name-format': {
    title: 'The name has characters that Backstage does not accept',
    severity: 'error',
    words: facts => format('name', facts),
  },
  'namespace-format': {
    title: 'The namespace is not a DNS label',
    severity: 'error',
    words: facts => format('namespace', facts),
  },
  'kind-format': {
    title: 'The kind has characters that Backstage does not accept',
    severity: 'error',
    words: facts => format('kind', facts),
  },
  'api-version-format': {
    title: 'The apiVersion is malformed',
    severity: 'error',
    words: facts => format('apiVersion', facts),
  },
  'label-key': {
    title: 'The key of a label is malformed',
    severity: 'error',
    words: facts => format('label key', facts),
  },
  'label-value': {
    title: 'The value of a label is malformed',
    severity: 'error',
    words: facts =>
      format(`the value of label ${quoted(facts.key)},`, facts, `longer texts go into metadata.annotations`),
  },
  'annotation-key': {
    title: 'The key of an annotation is malformed',
    severity: 'error',
    words: facts => format('annotation key', facts),
  },
  'tag-format': {
    title: 'A tag has characters that Backstage does not accept',
    severity: 'error',
    words: facts => format('tag', facts),
  },
  'link-url': {
    title: 'The URL of a link is not absolute',
    severity: 'error',
    words: ({ found, proposal }) => ({
      message: `link URL ${quoted(found)} is not an absolute URL`,
      hint: proposal ? `try ${quoted(proposal)}` : 'write it with its scheme: https://…',
    }),
  },
  'link-text': {
    title: 'A text of a link is blank',
    severity: 'error',
    words: ({ field }) => ({
      message: `${field} is blank; expected a text`,
      hint: `remove the line or write a ${lastPart(field)}`,
    }),
  },
  'entity-ref': {
    title: 'An entity reference is malformed',
    severity: 'error',
    words: ({ field, found, why, proposals }) => ({
      message: {
        'no kind': `${field}: ${quoted(found)} does not name its kind, and ${lastPart(field)} has no default kind`,
        'no name': `${field}: ${quoted(found)} ends where the name should begin; expected [kind:][namespace/]name`,
        'empty part': `${field}: ${quoted(found)} is not an entity reference; expected [kind:][namespace/]name`,
      }[why],
      hint:
        proposals.length > 0
          ? `try ${listed(
              proposals.map(p => quoted(p)),
              'or',
            )}`
          : 'an entity reference looks like component:default/payments',
    }),
  },
  'placeholder-value': {
    title: 'A placeholder has no text for a value',
    severity: 'error',
    words: ({ placeholder, found }) => ({
      message: `${placeholder} is ${found}; expected a relative path or an absolute URL`,
      hint: `write for example "${placeholder}: ./openapi.yaml"`,
    }),
  },
  'placeholder-repository': {
    title: 'A placeholder names a file of another repository',
    severity: 'error',
    words: ({ placeholder, target }) => ({
      message: `${placeholder} names a file of another repository, which the catalog does not read: ${quoted(target, 60)}`,
      hint: `copy the file into this repository and write ${quoted(`${placeholder}: ./${fileName(target)}`)}`,
    }),
  },
  'location-type': {
    title: 'The type of a Location is not "url"',
    severity: 'error',
    words: ({ found }) => ({
      message: `spec.type of a Location is ${quoted(found)}; expected "url"`,
      hint:
        found === 'file'
          ? 'remove the line: without a type, relative paths and URLs are read; "file" means the disk of the Backstage server'
          : 'remove the line: without a type, relative paths and URLs are read',
    }),
  },
  'key-case': {
    title: 'Two keys differ only in upper and lower case',
    severity: 'error',
    words: ({ key, other }) => ({
      message: `${quoted(key)} and ${quoted(other)} differ only in case; the catalog would never show this entity`,
      hint: 'remove or rename one of them',
    }),
  },
  'schema-rule': {
    title: 'A rule of the kind is broken',
    severity: 'error',
    words: ({ field, problem }) => ({ message: `${field} ${problem}` }),
  },
  'own-rule': {
    title: 'A rule of your organisation is broken',
    severity: 'error',
    words: ({ problem, hint }) => ({
      message: printable(clip(problem, 300)),
      ...(hint ? { hint: printable(clip(hint, 300)) } : {}),
    }),
  },
  'misspelt-field': {
    title: 'A field nearly spells one that the catalog knows',
    severity: 'warning',
    words: ({ field, where, meant }) => ({
      message: `${quoted(field)} is not a field of ${where}; the catalog keeps it and does nothing with it`,
      hint: `did you mean ${quoted(meant)}?`,
    }),
  },
  'merge-key': {
    title: 'A merge key is not merged',
    severity: 'warning',
    words: ({ keys }) => ({
      message: 'the catalog does not merge "<<": it stays a field of that name',
      hint: keys.length > 0 ? `write the fields out: ${shown(keys.join(', '))}` : 'remove it',
    }),
  },
  'catalog-annotation': {
    title: 'An annotation that only the catalog writes',
    severity: 'warning',
    words: ({ key }) => ({
      message: `${quoted(key)} is written by the catalog; what a file says in it does not count`,
      hint: 'remove the line',
    }),
  },
  'yaml-version': {
    title: 'The document asks for YAML 1.1',
    severity: 'warning',
    words: () => ({
      message: '"%YAML 1.1" makes yes, no, on and off booleans, 010 the number 8 and "<<" a merge, from here on',
      hint: 'remove the line: without it YAML 1.2 is read',
    }),
  },
  'file-name': {
    title: 'A file name that discovery passes over',
    severity: 'warning',
    words: ({ found }) => ({
      message: `the discovery of Backstage looks for catalog-info.yaml and passes over ${found}, unless it is configured`,
      hint: `rename it: git mv ${found} catalog-info.yaml`,
    }),
  },
  'duplicate-entity': {
    title: 'The same entity stands in two places',
    severity: 'warning',
    words: ({ ref, otherPath, otherLine, isSameFile }) => ({
      message: `${quoted(ref, 100)} is also in ${isSameFile ? `line ${otherLine}` : `${shown(otherPath)}:${otherLine}`}; the catalog takes one of them and refuses the other`,
      hint: 'rename one, put it into a namespace of its own, or remove it',
    }),
  },
  'missing-target': {
    title: 'A relative path leads to no file of this repository',
    severity: 'warning',
    words: ({ what, target, path }) => ({
      message: `${what === 'target' ? 'the target' : 'the file'} ${quoted(target)} is not in this repository${path === target.replace(/^\.\//, '') ? '' : `: there is no file ${shown(path)}`}`,
      hint: 'add the file, or correct the path: it counts from the folder of this file',
    }),
  },
  'techdocs-config': {
    title: 'The folder of the documentation has no mkdocs.yml',
    severity: 'warning',
    words: ({ found, expected }) => ({
      message: `techdocs-ref ${quoted(found)} names a folder without mkdocs.yml: there is no file ${shown(expected)}`,
      hint: 'add mkdocs.yml there, or correct the folder: it counts from the folder of this file',
    }),
  },
}

/** The words for a finding's facts. */
export function wordsOf<C extends Code>(code: C, facts: Facts[C]): Words {
  return codes[code].words(facts)
}

function format(what: string, { found, wrong, expected, proposal }: FormatFacts, otherwise?: string): Words {
  const way = proposal === undefined ? otherwise : `try ${quoted(proposal)}`
  return {
    message: `${what} ${quoted(found)} ${wrong}; expected ${expected || NAME_SHAPE}`,
    ...(way ? { hint: way } : {}),
  }
}

const lastPart = (field: string) => field.slice(field.lastIndexOf('.') + 1)

/** What a finding quotes of the file, as a terminal may show it. */
const shown = (text: string) => printable(clip(text, 200))

/** A hint with the line as it should be; a line too long to be read is left out. */
const write = (way: string, proposal: string | undefined) =>
  proposal === undefined || proposal.length > 90 ? way : `${way}: ${printable(proposal)}`

const fileName = (target: string) =>
  clip(
    target
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) || 'openapi.yaml',
    60,
  )

function hintForKind(
  close: string | undefined,
  meant: Facts['unknown-kind']['meant'],
  ofModel: boolean,
  isForeign: boolean,
): { hint?: string } {
  if (ofModel)
    return {
      hint: `if yours has one (module-ai-model, say), its administrators set "catalog.profile: model" in the gate's configuration`,
    }
  if (meant) {
    const type = meant.type ? `, and in spec "type: ${meant.type}"` : ''
    return { hint: `write "kind: ${meant.kind}"${type}` }
  }
  if (close !== undefined) return { hint: `did you mean ${quoted(close)}?` }
  return isForeign ? { hint: 'this is no catalog entity: keep it in a file of its own' } : {}
}

function addHint(field: string, examples: string[]): string {
  const name = lastPart(field)
  if (examples.length === 0) return `add "${name}:" with its value`
  return `add "${name}: ${examples[0]}"${
    examples.length > 1
      ? `; others use ${listed(
          examples.slice(1, 4).map(e => clip(e, 40)),
          'or',
        )}`
      : ''
  }`
}

function wrongTypeHint(field: string, expected: string, found: string, examples: string[]): { hint?: string } {
  const value = /^(?:a number|a boolean) \((.*)\)$/.exec(found)?.[1]
  if (expected === 'a text' && value) return { hint: `put it in quotes: ${lastPart(field)}: "${value}"` }
  if (expected === 'a list' && found.startsWith('a text'))
    return { hint: 'write each entry on its own line, beginning with "- "' }
  if (found === 'empty') return { hint: addHint(field, examples) }
  return {}
}
