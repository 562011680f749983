// One made-up input and everything that must hold for it, whatever it is.
import { type CheckedFile, checkFile } from '../../hooks/catalog/file.ts'
import { terminalReport } from '../../hooks/report/terminal.ts'
import { held, PROFILES, rulesFor, theirs } from './compare.ts'
import { mutant } from './mutants.ts'
import { type Random, randomFrom } from './random.ts'

/** A text or label that gives syntax something to trip over. */
const PIECES = [
  '---\n',
  '...\n',
  '- ',
  '? ',
  ': ',
  '&a ',
  '*a',
  '!!str ',
  '<<: ',
  '| ',
  '>-\n',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '#',
  '%YAML 1.1\n',
  '\n  ',
  '\n',
  '\t',
  '\r',
  '\u0000',
  '\ufeff',
  '\u001b[31m',
  '{{ x }}',
  '{% x %}',
  '$text: ',
  'metadata:\n',
  'name: a\n',
  'kind: Component\n',
  '<<<<<<< HEAD\n',
  'é',
  '\u202e',
  '0x1F',
  '~',
  '2020-01-01',
  '__proto__: ',
  '\\',
  '@',
  '`',
]

export const MAX_MS = 1000
const MAX_PROBLEMS = 20
const MAX_OUTPUT = 20_000

export type FuzzKind = 'bytes' | 'pieces' | 'mutant'
export type Input = { kind: FuzzKind; bytes: Buffer }

export function inputOf(seed: number, index: number): Input {
  const r = randomFrom(Math.imul(seed, 7_368_787) + index)
  const kind = r.pick<FuzzKind>(['bytes', 'pieces', 'mutant', 'mutant'])
  if (kind === 'bytes') return { kind, bytes: Buffer.from(Array.from({ length: r.int(400) }, () => r.int(256))) }
  if (kind === 'pieces')
    return { kind, bytes: Buffer.from(Array.from({ length: r.int(120) }, () => r.pick(PIECES)).join('')) }
  let { bytes } = mutant(seed, index)
  for (let times = r.int(4); times > 0; times--) bytes = edited(r, bytes)
  return { kind, bytes }
}

/** Bytes removed, doubled, swapped, put in. */
function edited(r: Random, bytes: Buffer): Buffer {
  const at = r.int(bytes.length + 1)
  const length = r.int(Math.min(40, bytes.length - at + 1))
  const part = bytes.subarray(at, at + length)
  const insert = r.pick([
    Buffer.from(r.pick(PIECES)),
    Buffer.from([r.int(256)]),
    part,
    Buffer.concat([part, part]),
    Buffer.alloc(0),
  ])
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + length)])
}

/** What does not hold, in words; nothing is well. */
export async function faultsOf({ bytes, kind }: Input): Promise<string[]> {
  const faults: string[] = []
  for (const profile of PROFILES) {
    const from = process.threadCpuUsage()
    let checked: CheckedFile
    let report: string
    try {
      checked = checkFile('catalog-info.yaml', bytes, rulesFor(profile))
      report = reportOf(checked)
    } catch (error) {
      return [`threw ${error instanceof Error ? error.stack : String(error)}`]
    }
    const { user, system } = process.threadCpuUsage(from)
    const tookMs = (user + system) / 1000
    if (tookMs > MAX_MS) faults.push(`took ${Math.round(tookMs)} ms`)
    if (report.length > MAX_OUTPUT) faults.push(`${report.length} characters of output`)
    const raw = /[^\n\P{C}]|\p{Zl}|\p{Zp}/u.exec(report)
    if (raw)
      faults.push(
        `character ${raw[0].codePointAt(0)?.toString(16)} in the report: ${JSON.stringify(report.slice(Math.max(0, raw.index - 100), raw.index + 20))}`,
      )
    for (const { line, column, endLine, endColumn } of checked.diagnostics) {
      if (!(line >= 1 && column >= 1 && (endLine > line || (endLine === line && endColumn >= column))))
        faults.push(`an impossible place: ${line}:${column} to ${endLine}:${endColumn}`)
    }
    // Noise is refused by both; only what is nearly a catalog file can tell them apart.
    if (kind === 'mutant')
      for (const difference of held(await theirs(bytes, profile), checked, profile).differences)
        faults.push(`differs: ${JSON.stringify(difference)}`)
  }
  return faults
}

function reportOf(checked: CheckedFile): string {
  return terminalReport({
    rejected: checked.diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics: checked.diagnostics,
    textOf: () => checked.text,
    notes: [],
    maxProblems: MAX_PROBLEMS,
    short: false,
    footer: [],
  })
}
