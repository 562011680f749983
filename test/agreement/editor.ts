// The gate beside the editors' schema, in yaml-language-server: what the one refuses and what the other shows.
import { parseAllDocuments } from 'yaml'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import type { Diagnostic } from '../../hooks/diagnostics/diagnostic.ts'
import type { LanguageServer, Problem } from '../support/language-server.ts'

/** Codes that no schema can say: YAML itself, what compares two keys, what hangs on the file's own URL. */
const UNSAYABLE = /^(?:yaml-.*|not-a-map|not-checked|key-case|placeholder-(?:repository|url))$/

/** What stands for whatever its file holds. */
const OF_A_FILE = /\$(?:yaml|json)\b/

/** yaml-language-server waits a fifth of a second for more to be typed, in each file by itself. */
const AT_ONCE = 50

export type EditorFile = { name: string; bytes: Uint8Array }

/** Of files with one document. `refused`: for what a schema can say; `findings` are the gate's in these, `placed` those that the editor shows there. */
export type EditorComparison = {
  accepted: number
  refused: number
  findings: number
  placed: number
  falseAlarms: string[]
  silent: string[]
}

export async function compareInEditor(
  files: readonly EditorFile[],
  rules: Rules,
  server: LanguageServer,
): Promise<EditorComparison> {
  const sum: EditorComparison = { accepted: 0, refused: 0, findings: 0, placed: 0, falseAlarms: [], silent: [] }
  for (let from = 0; from < files.length; from += AT_ONCE)
    await Promise.all(files.slice(from, from + AT_ONCE).map(file => compareOne(file, rules, server, sum)))
  return sum
}

async function compareOne({ name, bytes }: EditorFile, rules: Rules, server: LanguageServer, sum: EditorComparison) {
  const text = Buffer.from(bytes).toString('utf8')
  const { documents, diagnostics } = checkFile('catalog-info.yaml', bytes, rules)
  const [document] = documents
  if (document === undefined || documents.length > 1 || !isReadAlike(text)) return
  const all = diagnostics.filter(({ severity }) => severity === 'error')
  // Which kind was meant the gate guesses, and goes on; a schema cannot.
  const ofKind = all.filter(({ code }) => code === 'unknown-kind' || code === 'unknown-api-version')
  const errors = ofKind.length > 0 ? ofKind : all
  const isSayable = errors.every(({ code }) => !UNSAYABLE.test(code)) && !OF_A_FILE.test(text)
  if (document.status !== 'accepted' && !(document.status === 'rejected' && isSayable)) return
  const problems = (await server.open(name, text)).filter(({ source }) => source?.startsWith('yaml-schema'))
  if (document.status === 'accepted') {
    sum.accepted++
    if (problems.length > 0) sum.falseAlarms.push(`${name}: ${problems.map(described).join('; ')}\n${text}`)
    return
  }
  sum.refused++
  sum.findings += errors.length
  sum.placed += errors.filter(error => problems.some(problem => isAbout(problem, error))).length
  if (problems.length === 0)
    sum.silent.push(`${name}: ${errors.map(({ code, message }) => `${code}: ${message}`).join('; ')}\n${text}`)
}

const described = ({ message, range }: Problem) => `${range.start.line + 1}: ${message}`

/** What is missing is told at another line: at the map, or where a nearly right key stands. */
function isAbout({ message, range }: Problem, { code, line, message: ours }: Diagnostic): boolean {
  const [, missing] = code === 'missing-field' ? (/^Missing property "(.*)"\.$/.exec(message) ?? []) : []
  return range.start.line + 1 === line || (missing !== undefined && new RegExp(`\\b${missing} is missing$`).test(ours))
}

/** yaml-language-server merges "<<", and does not see a later YAML 1.1. */
function isReadAlike(text: string): boolean {
  return !text.includes('<<') && !text.includes('%YAML') && parseAllDocuments(text).length === 1
}
