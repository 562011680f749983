// Warnings about a document that the catalog takes: what its writer most likely meant otherwise.
import type { Finding } from '../diagnostics/diagnostic.ts'
import type { Found, Located, Subject } from './check.ts'
import { checkFileName, checkMergeKeys, checkOwnAnnotations, isYaml11 } from './checks/doubtful.ts'
import { checkMisspelt } from './checks/misspelt.ts'
import type { Quote } from './checks/placeholder.ts'
import { type Repository, repositoryOnUnknownHost } from './checks/placeholder-url.ts'
import type { ParsedDocument } from './parse.ts'
import { placed } from './validate.ts'

/** Only for documents without errors: whoever has an error to correct needs no advice on top. */
export function doubtsAbout(
  { document }: Extract<ParsedDocument, { result: 'entity' }>,
  subject: Subject,
  quotes: readonly Quote[],
  repository: Repository,
  path: string,
  index: number,
  text: string,
): Finding[] {
  const located: Located[] = []
  const found = (finding: Located) => located.push(finding)
  // A file name is wrong once, however many documents there are.
  if (index === 0) checkFileName(path, found)
  checkMisspelt(subject, found)
  checkOwnAnnotations(subject, found)
  checkMergeKeys(subject, found)
  checkQuotes(quotes, repository, found)
  const findings = located.map(finding => placed(finding, document))
  if (isYaml11(document)) {
    const end = document.contents?.range?.[0] ?? 0
    const start = text.lastIndexOf('%YAML', end)
    // It stays on for the documents that follow: told once, where it stands.
    if (start !== -1 && (text.slice(start, end).match(/^---/gm) ?? []).length <= 1)
      findings.push({ code: 'yaml-version', facts: {}, range: { start, end: start + '%YAML 1.1'.length } })
  }
  return findings
}

/** The catalog refuses it if that repository is on our own host, whose name a hook does not know. */
function checkQuotes(quotes: readonly Quote[], here: Repository, found: Found): void {
  for (const { target, path, isOwn } of quotes) {
    const repository = isOwn ? undefined : repositoryOnUnknownHost(target, here)
    const placeholder = String(path.at(-1))
    if (repository !== undefined)
      found({ code: 'placeholder-host', facts: { placeholder, target, repository }, path, part: 'value' })
  }
}
