// Documents → findings, in the order of the catalog's own pipeline, so that whatever it would refuse is found, and nothing else.
import type { Document } from 'yaml'
import { formatEntityRef } from '../../schemas/entity-ref.ts'
import type { Profile } from '../../schemas/profile.ts'
import type { InstallationSettings } from '../config/hook-config.ts'
import type { Finding, Range } from '../diagnostics/diagnostic.ts'
import { openJudged } from './as-judged.ts'
import { type Located, mapAt, type Subject } from './check.ts'
import { isKindAllowed, tellAllowedKinds } from './checks/allowed-kind.ts'
import { checkAnnotations, checkEnvelope, checkRoot, isEnvelope } from './checks/envelope.ts'
import { tellForeign } from './checks/foreign.ts'
import { checkFormats } from './checks/format.ts'
import { checkKeyCase } from './checks/key-case.ts'
import { checkKind, checkSchema, chooseVersion } from './checks/kind.ts'
import { checkOwnKinds } from './checks/own-kind.ts'
import { lacksOwner, type OwnerHere, whyNone, withOwner } from './checks/owner.ts'
import { isBelow, isCertain, type Placeholders, type Quote } from './checks/placeholder.ts'
import { type Place, placeIn as placeOfFile, type Repository } from './checks/placeholder-url.ts'
import { checkLocation, checkRefs } from './checks/relation.ts'
import { type Target, targetsIn } from './checks/target.ts'
import { quotedBy } from './destination.ts'
import { type Meant, placeIn } from './meant/draft.ts'
import { asMeant } from './meant.ts'
import type { ParsedDocument, Value } from './parse.ts'
import { keyRange, mapRange, type Path, valueRange } from './position.ts'
import type { QuotedFiles } from './quoted.ts'
import { sourceOf } from './source.ts'
import { holeAt } from './templated.ts'

export type Entity = {
  ref: string
  kind: string
  value: Value
  quotes: Quote[]
  /** Index of its YAML document in the file. */
  document: number
  /** Where its name stands. */
  nameRange: Range
  /** What it names outside of its file. */
  references: Reference[]
}
export type Reference = Target & { range: Range }

/**
 * The catalog that judges: its kinds, what was installed into it, and the repository that it reads the file from. `isFollowed`: by a Location, so
 * that it is not known which file was registered. `owner`: what CODEOWNERS says of the file, once it was looked at.
 */
export type Site = {
  profile: Profile
  installation: InstallationSettings
  repository: Repository
  isFollowed?: true
  owner?: OwnerHere
}

/**
 * `keepsFileOut`: refused in a way that costs all of its file, as what is no YAML does; `isOutOfPlace`: a file registered elsewhere may hold it;
 * `lacksOwner`: CODEOWNERS of the tree may give one, and was not looked at. `doubts`: warnings for a document without errors.
 */
export type Judgement = {
  findings: Finding[]
  ownFindings: Finding[]
  doubts: Finding[]
  subject: Subject
  quotes: Quote[]
  keepsFileOut: boolean
  isOutOfPlace: boolean
  /** Something that is found lies in a hole of a template, which stands from here on. */
  hole?: number
  lacksOwner: boolean
  entity?: Entity
}

const NO_FILES: QuotedFiles = new Map()

/** What the catalog would say of one parsed document. No findings: it takes it. `files`: what is known of those that it quotes. */
export function judge(
  parsed: Extract<ParsedDocument, { result: 'entity' }>,
  site: Site,
  path: string,
  index = 0,
  files: QuotedFiles = NO_FILES,
): Judgement {
  const { installation, repository, isFollowed, owner } = site
  const { ownerFrom } = installation
  const { document, text } = parsed
  const place = placeOfFile(repository, path)
  const { file: _file, ...anywhere } = place
  const origin = isFollowed ? anywhere : place
  const leadsTo = (target: string) => quotedBy(target, path, repository)
  const how: Examination = { site, place, origin, leadsTo, files, document, text }
  const first = examine({ value: parsed.value, told: [], moves: [] }, how)
  const { subject, quotes, read, isOwnerless, isAllowed } = first
  const { written: value, entity } = subject
  const isWhyKnown = isOwnerless && owner?.result === 'none' && ownerFrom === 'codeowners'
  const told = ({ located, quotes }: Told) =>
    located.map(finding => placed(isWhyKnown ? withWhy(finding, whyNone(owner)) : finding, document, quotes))
  const ref = refOf(entity)
  const hole =
    value.kind === 'Template'
      ? undefined
      : [...first.found, ...first.own].map(({ path: at }) => holeAt(value, at)).find(at => at !== undefined)
  const isUnsure = isOwnerless && entity !== read && ownerFrom === undefined
  return {
    findings: first.found.length === 0 ? [] : asFarAsCertain(first, how).flatMap(told),
    ownFindings: told({ located: first.own, quotes }),
    doubts: isUnsure && owner !== undefined ? [placed(unsureOwner(owner), document)] : [],
    subject,
    quotes,
    keepsFileOut: !isAllowed || !isEnvelope(value),
    isOutOfPlace: !isAllowed && isKindAllowed(value, installation.rules, anywhere),
    ...(hole === undefined ? {} : { hole: keyRange(document, hole).start }),
    lacksOwner: isOwnerless && owner === undefined && ownerFrom !== 'none',
    ...(ref === undefined ? {} : { entity: entityOf(ref, entity, quotes, document, index, path, repository) }),
  }
}

type Examination = {
  site: Site
  place: Place
  origin: Place
  leadsTo: Placeholders['leadsTo']
  files: QuotedFiles
  document: Document
  text: string
}

/** What the catalog would say of a document. `own`: what breaks only rules of the organisation. */
function examine(meant: Meant, { site, place, origin, leadsTo, files, document, text }: Examination) {
  const { profile, installation, owner } = site
  const inFile = sourceOf(document, text)
  const source = (path: Path) => {
    const place = placeIn(meant.moves, path)
    const written = inFile(place)
    const name = path.at(-1)
    // A key that was misspelt is written as it has to be.
    return written === undefined || name === place.at(-1) || typeof name !== 'string'
      ? written
      : { ...written, key: name }
  }
  const { value, judged } = openJudged(meant.value)
  const found: Located[] = []
  const reported = new Set<string>()
  // One finding per place (a key is one, and its value another): the first check that speaks of it knows the root cause, later ones see only echoes.
  const quotes: Quote[] = []
  const tell = (finding: Located) => {
    if (!isCertain(finding, quotes)) return
    // An index is a number to one check and a text to another.
    const isOfKey = (finding.code === 'annotation-key' || finding.code === 'label-key') && finding.facts.found !== '<<'
    const key = JSON.stringify([...finding.path.map(String), ...(isOfKey ? [true] : [])])
    // An entry of what was to be no list is no reference of its own.
    const isEcho = finding.code === 'entity-ref' && reported.has(JSON.stringify(finding.path.slice(0, -1)))
    if (reported.has(key) || isEcho) return
    reported.add(key)
    found.push(finding)
  }
  const { rules, ownerFrom, placeholders: names } = installation
  const isAllowed = isKindAllowed(value, rules, origin)
  if (!isAllowed && profile.kinds.some(({ kind }) => kind === value.kind)) tellAllowedKinds(value, rules, origin, tell)
  const read = judged({ names, kind: value.kind, place, found: tell, quotes, leadsTo, files })
  // Where no kind is known, nothing is judged either.
  const isOwnerless = lacksOwner(read) && chooseVersion(profile, read) !== undefined
  const entity = isOwnerless && owner !== undefined ? withOwner(read, owner, ownerFrom) : read
  const subject: Subject = { written: value, entity, profile, version: chooseVersion(profile, entity), source }
  if (!tellForeign(value, profile, tell)) {
    for (const check of [checkRoot, checkEnvelope, checkAnnotations, checkFormats]) check(subject, tell)
    for (const check of [checkKind, checkSchema, checkLocation, checkRefs]) check(subject, tell)
  }
  // The last step of the catalog's, reached only by what passed all others.
  if (found.length === 0) checkKeyCase(subject, tell)
  const ofCatalog = found.length
  checkOwnKinds(subject, quotes, tell)
  return {
    meant,
    found: found.slice(0, ofCatalog),
    own: found.slice(ofCatalog),
    subject,
    quotes,
    read,
    isOwnerless,
    isAllowed,
  }
}

/** So often a document is looked at as it was meant. */
const ROUNDS = 4
const MANY = 100

/** `quotes`: those by which it was found; of a misspelt placeholder, too. */
type Told = { located: readonly Located[]; quotes: readonly Quote[] }

/** Everything that is wrong with a document, where what was meant is certain as if that were corrected. Paths are the file's. */
function asFarAsCertain(first: ReturnType<typeof examine>, how: Examination): Told[] {
  const { document, text, site } = how
  let last = first
  // Whoever has more to correct is helped by the first of it.
  const rounds = first.found.length > MANY ? 0 : ROUNDS
  for (let round = 0; round < rounds; round++) {
    const meant = asMeant(last.meant, last.found, { document, text, profile: site.profile })
    if (meant === undefined) break
    last = examine(meant, how)
  }
  const { told, moves, value } = last.meant
  const isKnown = ({ path }: Located) =>
    told.length === 0 || value.kind === 'Template' || holeAt(value, path) === undefined
  const rest = last.found.filter(isKnown).map(finding => ({ ...finding, path: placeIn(moves, finding.path) }))
  const quotes = last.quotes.map(quote => ({ ...quote, path: placeIn(moves, quote.path) }))
  // What was corrected is about this file, though a placeholder may stand there now.
  return [
    { located: told, quotes: first.quotes },
    { located: rest, quotes },
  ]
}

/** A finding about the owner that is missing, with the reason why there is none. */
function withWhy(finding: Located, why: string): Located {
  const isAboutOwner = finding.path.join('.') === 'spec.owner'
  return isAboutOwner &&
    (finding.code === 'missing-field' || finding.code === 'empty-field' || finding.code === 'wrong-type')
    ? ({ ...finding, facts: { ...finding.facts, why } } as Located)
    : finding
}

function unsureOwner({ file = 'CODEOWNERS', ...said }: OwnerHere): Located {
  const facts = { file, ...(said.result === 'owner' ? { owner: said.owner } : {}) }
  return { code: 'owner-unsure', facts, path: ['spec', 'owner'], part: 'map' }
}

function entityOf(
  ref: string,
  value: Value,
  quotes: Quote[],
  document: Document,
  index: number,
  from: string,
  repository: Repository,
): Entity {
  const kind = String(value.kind)
  return {
    ref,
    kind,
    value,
    quotes,
    document: index,
    nameRange: valueRange(document, ['metadata', 'name']),
    references: targetsIn({ kind, value, quotes }, from, repository).map(reference => ({
      ...reference,
      range: valueRange(document, reference.path),
    })),
  }
}

/** A finding at its place in the text: where a file is quoted, when it is about what that holds. */
export function placed(finding: Located, document: Document, quotes: readonly Quote[] = []): Finding {
  const { second, ...rest } = finding
  const { path, part } = rest
  // The placeholder itself is written here.
  const isOfIts = (quote: Quote) =>
    part === 'key' && path.length === quote.path.length && path.at(-1) === quote.path.at(-1)
  const isIn = (quote: Quote) => isBelow(part === 'map' ? path.slice(0, -1) : path, quote) && !isOfIts(quote)
  const quote = quotes.find(one => one.state === 'read' && isIn(one))
  if (quote !== undefined) return { ...rest, range: valueRange(document, quote.path), quoted: quote.target } as Finding
  const label = second && { label: { range: keyRange(document, second.path), text: second.text } }
  return { ...rest, range: rangeOf(document, path, part), ...label } as Finding
}

function rangeOf(document: Document, path: Path, part: Located['part']) {
  if (part === 'map') return mapRange(document, path.slice(0, -1))
  return part === 'key' ? keyRange(document, path) : valueRange(document, path)
}

/** The ref, as far as kind and name can be read. */
function refOf(entity: Value): string | undefined {
  const { name, namespace } = mapAt(entity, 'metadata')
  if (typeof entity.kind !== 'string' || typeof name !== 'string' || entity.kind === '' || name === '') return undefined
  return formatEntityRef({
    kind: entity.kind,
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
    name,
  })
}
