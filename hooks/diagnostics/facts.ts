// What a check found out, by code; the words are made of it (codes.ts).

export type Facts = {
  'yaml-syntax': { problem: string; hint?: string }
  'yaml-colon': { proposal: string; hint?: string }
  'yaml-quotes': { problem: string; proposal?: string; hint?: string }
  /** `others`: lines below with the same slip. */
  'yaml-missing-space': { after: string; proposal: string; others?: number }
  'yaml-tab': { others: number }
  'yaml-indent': { problem: string; hint?: string }
  'yaml-multiline-key': { problem: string; hint: string }
  /** `line`: the last of what is in it. */
  'yaml-unclosed': { opened: string; closing: string; proposal?: string; line?: number }
  'yaml-duplicate-key': { key: string; firstLine: number; isFirstEmpty?: boolean; more?: number }
  'yaml-separator': { problem: string; hint: string }
  'yaml-alias': { problem: string; hint: string }
  'not-checked': { reason: string }
  'yaml-conflict-marker': { marker: string; isAlone?: boolean }
  /** `list`: of what, and the column of its dashes; 0 in brackets. `isMarked`: a byte order mark hides its first dash. */
  'not-a-map': {
    found: string
    way?: string
    list?: { of: 'one entity' | 'entities'; column: number }
    isMarked?: true
  }
  'not-an-entity': { keys: string[]; lacks: string[]; format?: string }
  'missing-field': { field: string; name: string; examples: string[]; nearMiss?: string; add?: string; why?: string }
  'empty-field': { field: string; expected: string; hint?: string; why?: string }
  'unmerged-field': { fields: string[]; lines: string[] }
  'wrong-type': { field: string; expected: string; found: string; hint?: string; why?: string }
  'wrong-value': { field: string; found: string; allowed: string[]; close: string[] }
  'unknown-field': {
    field: string
    where: string
    known: string[]
    close: string[]
    belongsIn?: string
    comment?: string
    way?: string
  }
  /** `ways`: how spec says what it does not say yet; undefined where nobody can tell. */
  'root-relations': { field: string; ways?: string[]; isEmpty?: true }
  'unknown-kind': {
    kind: string
    /** Where only this type of the kind is not known. */
    type?: string
    known: string[]
    close: string[]
    meant?: { kind: string; type?: string }
    ofModel?: boolean
    /** Of a document that is none of the catalog's. */
    foreignVersion?: string
    /** Whose items are the catalog's. */
    isList?: boolean
  }
  'kind-not-allowed': { kind: string; type?: string; allowed: string[]; from: string[] }
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
  'link-text': { field: string; name: string }
  'entity-ref': {
    field: string
    name: string
    found: string
    why: 'no kind' | 'no name' | 'empty part'
    proposals: string[]
    /** What is meant where no kind is written. */
    kind: string
  }
  'placeholder-value': { placeholder: string; found: string }
  'placeholder-unknown': {
    placeholder: string
    target: string
    /** A map or a list is expected here, not a string. */
    isMap?: true
    /** What keeps it from being read, and in which map. */
    beside?: string
    where?: string
  }
  'placeholder-repository': { placeholder: string; target: string }
  'placeholder-url': { placeholder: string; target: string }
  'lfs-pointer': Record<string, never>
  'placeholder-content': { placeholder: string; target: string; problem: string }
  'location-type': { found: string }
  'key-case': { key: string; other: string }
  'schema-rule': { field: string; problem: string }
  'own-rule': { problem: string; hint?: string }
  'owner-unsure': { file: string; owner?: string }
  'misspelt-field': { field: string; where: string; meant: string }
  'merge-key': { keys: string[] }
  'catalog-annotation': { key: string }
  'yaml-version': Record<string, never>
  'file-name': { found: string }
  'placeholder-host': { placeholder: string; target: string; repository: string }
  'duplicate-entity': { ref: string; otherPath: string; otherLine: number; isSameFile: boolean }
  'missing-target': MissingTarget
  'long-missing-target': MissingTarget
  'doubtful-target': MissingTarget
  'unknown-ref': { ref: string; nearest: string[] }
  'name-taken': { ref: string; by: string }
  'techdocs-config': { found: string; expected: string }
  'misspelt-annotation': { key: string; meant: string }
  /** `flat`: so many keys, this one first, are to be indented. */
  'misplaced-field': { field: string; where: string; belongsIn: string; flat?: number }
  'annotation-value': { key: string; found: string; expected: string; proposal?: string }
  'placeholder-as-text': { field: string; placeholder: string; target: string; found: string; isOfApi: boolean }
  'impossible-ref': {
    field: string
    found: string
    kind: string
    proposal?: string
    example?: string
    user?: string
    way?: string
  }
  'unfilled-variable': { path: readonly (string | number)[]; variable: string }
  /** `kind`: of a whole entity; `field`: of a part of one. */
  'nested-entity': { where: string; kind?: string; field?: string }
  'invisible-character': { field: string; found: string; character: string; clean: string }
  'not-utf-8': { byte: string }
  'wrong-encoding': { encoding: string; found?: string; proposal?: string }
}

/** A target that no file answers to. `path`: where that would be; `isRemoved`: this push has removed it. */
export type MissingTarget = {
  what: 'target' | 'placeholder'
  target: string
  path: string
  why: 'absent' | 'folder' | 'no match' | 'nowhere'
  isRemoved?: boolean
  near?: string
}

/** A value that breaks a rule for names: what is wrong with it, and the nearest that would do; `way`: what to do where there is none. */
export type FormatFacts = { found: string; wrong: string; expected: string; proposal?: string; way?: string }

export type Code = keyof Facts
export type Words = { message: string; hint?: string }

/** A code's words, made of what was found. `severity` is what holds where the configuration says nothing else: an error, where it is left out. */
type CodeInfo<C extends Code> = {
  severity?: 'warning'
  words: (facts: Facts[C]) => Words
}

/** A part of the table of codes. */
export type CodesOf<Part extends Code> = { [C in Part]: CodeInfo<C> }
