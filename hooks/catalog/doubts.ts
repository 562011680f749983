// Warnings about a document that the catalog takes: what its writer most likely meant otherwise.
import type { Finding } from '../diagnostics/diagnostic.ts'
import type { Found, Located } from './check.ts'
import { checkAnnotationKeys, checkMisplaced } from './checks/annotation.ts'
import { checkAnnotationValues } from './checks/annotation-value.ts'
import { checkPlaceholdersAsText } from './checks/as-text.ts'
import { invisibleCharacters } from './checks/character.ts'
import { checkFileName, checkMergeKeys, checkOwnAnnotations, isYaml11 } from './checks/doubtful.ts'
import { checkImpossibleRefs } from './checks/impossible-ref.ts'
import { checkMisspelt } from './checks/misspelt.ts'
import { checkNested } from './checks/nested.ts'
import { type Repository, repositoryOnUnknownHost } from './checks/placeholder-url.ts'
import { checkVariables, mayHoldVariable } from './checks/variable.ts'
import type { ParsedDocument } from './parse.ts'
import { type Judgement, placed, type Site } from './validate.ts'

type InFile = { path: string; index: number; text: string }

/** Only for documents without errors: whoever has an error to correct needs no advice on top. */
export function doubtsAbout(
  { document }: Extract<ParsedDocument, { result: 'entity' }>,
  { subject, quotes }: Pick<Judgement, 'subject' | 'quotes'>,
  { repository, installation }: Site,
  { path, index, text }: InFile,
): Finding[] {
  const invisible = invisibleCharacters(subject, document, text)
  const located: Located[] = []
  const found = (finding: Located) => located.push(finding)
  // A file name is wrong once, however many documents there are.
  if (index === 0) checkFileName(path, found)
  checkMisspelt(subject, found)
  checkMisplaced(subject, found)
  checkNested(subject, found)
  checkOwnAnnotations(subject, found)
  checkAnnotationKeys(subject, found)
  checkAnnotationValues(subject, installation.techdocs === 'local', found)
  checkMergeKeys(subject, found)
  if (mayHoldVariable(text)) checkVariables(subject, found)
  checkImpossibleRefs(subject, found)
  checkPlaceholdersAsText(subject, installation.placeholders, found)
  checkQuotes(quotes, repository, found)
  const findings = located.map(finding => placed(finding, document, quotes)).filter(({ range }) => !isTold(range))
  if (isYaml11(document)) {
    const end = document.contents?.range?.[0] ?? 0
    const start = text.lastIndexOf('%YAML', end)
    // It stays on for the documents that follow: told once, where it stands.
    if (start !== -1 && (text.slice(start, end).match(/^---/gm) ?? []).length <= 1)
      findings.push({ code: 'yaml-version', facts: {}, range: { start, end: start + '%YAML 1.1'.length } })
  }
  return [...invisible, ...findings]

  /** A character that nobody sees is the cause of whatever else is wrong with its value. */
  function isTold({ start, end }: Finding['range']): boolean {
    return invisible.some(({ range }) => start <= range.start && range.end <= end)
  }
}

/** The catalog refuses it if that repository is on our own host, whose name a hook does not know. */
function checkQuotes(quotes: Judgement['quotes'], here: Repository, found: Found): void {
  for (const { target, path, isOwn } of quotes) {
    const repository = isOwn ? undefined : repositoryOnUnknownHost(target, here)
    const placeholder = String(path.at(-1))
    if (repository !== undefined)
      found({ code: 'placeholder-host', facts: { placeholder, target, repository }, path, part: 'value' })
  }
}
