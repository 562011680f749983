// Both verdicts on the documents of a file: the catalog's and ours.
import { type CheckedFile, checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile as builtin } from '../../schemas/compiled/builtin.mjs'
import { profile as model } from '../../schemas/compiled/model.mjs'
import { everyFileHolds } from '../support/quoted.ts'
import { type CatalogVerdict, createCatalog, type ProfileName, REPOSITORY } from './catalog.ts'

export const PROFILES: readonly ProfileName[] = ['builtin', 'model']
const compiled = { builtin, model }
const catalogs = { builtin: createCatalog('builtin'), model: createCatalog('model') }

export type Difference = { profile: ProfileName; document: number; catalog: string; ours: string }
export type Comparison = {
  differences: Difference[]
  documents: number
  templated: number
  /** Accepted by us, since a placeholder's URL is not read. */
  unread: number
  accepted: number
  rejected: number
}

export const rulesFor = (profile: ProfileName): Rules => ({
  profile: compiled[profile],
  installation: { ...plainInstallation, placeholders: ['text', 'json', 'yaml'] },
  repository: REPOSITORY,
  severities: {},
  helpUrl: '',
})

/** Our verdict, by the code that ships. Every file of the repository holds "{}", as the reference supposes. */
export const ours = (bytes: Uint8Array, profile: ProfileName, path = 'catalog-info.yaml') =>
  checkFile(path, bytes, rulesFor(profile), everyFileHolds('{}'))
export const theirs = (bytes: Uint8Array, profile: ProfileName) => catalogs[profile](bytes)

/** Templated documents are ours to leave alone, whatever the catalog says of them. */
export async function compare(bytes: Uint8Array, profile: ProfileName): Promise<Comparison> {
  const catalog = await theirs(bytes, profile)
  return held(catalog, ours(bytes, profile), profile)
}

type Held = Pick<CheckedFile, 'documents' | 'diagnostics'> & Partial<Pick<CheckedFile, 'entities'>>

export function held(catalog: readonly CatalogVerdict[], checked: Held, profile: ProfileName): Comparison {
  const sum: Comparison = { differences: [], documents: 0, templated: 0, unread: 0, accepted: 0, rejected: 0 }
  const hasTemplated = checked.documents.some(({ status }) => status === 'templated')
  for (let i = 0; i < Math.max(catalog.length, checked.documents.length); i++) {
    const theirs = catalog[i]
    const own = checked.documents[i]
    sum.documents++
    // What a document withholds that we leave alone is left alone, too.
    const isLeftOut =
      own?.status === 'templated' || (own?.status === 'accepted' && theirs?.status === 'withheld' && hasTemplated)
    if (isLeftOut && theirs) sum.templated++
    else if (theirs?.status === 'rejected' && isUnread(checked, i)) sum.unread++
    else if (theirs?.status === own?.status && theirs && isSameEntity(theirs, own?.entity)) {
      if (theirs.status !== 'empty') sum[theirs.status === 'rejected' ? 'rejected' : 'accepted']++
    } else sum.differences.push({ profile, document: i, catalog: told(theirs), ours: toldOwn(checked, i) })
  }
  return sum
}

/** Accepted, and it names what can be read by URL alone: `checked` by the built command line does not say. */
export function isUnread({ documents, entities = [] }: Held, index: number): boolean {
  const own = entities.find(({ document }) => document === index)
  const isAccepted = documents[index]?.status !== 'rejected'
  return isAccepted && own?.quotes.some(({ state }) => state === 'unread') === true
}

const isSameEntity = (theirs: CatalogVerdict, entity: string | undefined) => !('ref' in theirs) || theirs.ref === entity

function told(verdict: CatalogVerdict | undefined): string {
  if (verdict === undefined) return 'no such document'
  if (verdict.status === 'rejected') return `rejected (${verdict.stage}): ${verdict.reason}`
  return 'ref' in verdict ? `${verdict.status} as ${verdict.ref}` : verdict.status
}

function toldOwn({ documents, diagnostics }: Held, index: number): string {
  const own = documents[index]
  if (own === undefined) return 'no such document'
  const problems = diagnostics
    .filter(({ document, severity }) => document === index && severity === 'error')
    .map(({ code, message }) => `${code}: ${message}`)
  return `${own.status}${own.entity === undefined ? '' : ` as ${own.entity}`}${problems.length > 0 ? ` (${problems.join('; ')})` : ''}`
}
