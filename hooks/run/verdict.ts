// What the pusher reads, and whether the push is refused.

import { type Pause, pauseText } from '../../schemas/pause.ts'
import { printable } from '../../schemas/printable.ts'
import type { CheckedFile } from '../catalog/file.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Bypass } from '../push/options.ts'
import { type Reported, terminalReport } from '../report/terminal.ts'
import type { JudgedRef } from './check-refs.ts'

export type ReportSettings = {
  maxProblems: number
  /** The push option that bypasses the gate, where there is one. */
  pushOption: string | undefined
  /** Of the organisation. */
  footer: string
  /** The web editor, a merge button or the API: text is shown raw there, and there are no push options. */
  isByWeb: boolean
  /** Whether the default branch refuses what is an error. */
  refusesDefault: boolean
  /** Whether a finding is older than this push. */
  wasThere: (diagnostic: Diagnostic) => boolean
  /** Nothing is refused for now, by an administrator's word. */
  paused?: Pause | undefined
  /** GHES lets the push land, whatever the verdict. */
  inTesting?: boolean
}

/** Whether an error is known that refuses the push. */
export const isRefused = (refs: readonly JudgedRef[], bypass: Bypass): boolean =>
  bypass.result !== 'bypass' &&
  refs.some(
    ({ plan, files }) =>
      plan.mode === 'enforce' && files.some(({ diagnostics }) => diagnostics.some(d => d.severity === 'error')),
  )

/** Refused only for an error in a file of an enforced ref, without a bypass. */
export function verdict(
  refs: readonly JudgedRef[],
  bypass: Bypass,
  notes: readonly Note[],
  settings: ReportSettings,
): { text: string; rejected: boolean } {
  const bypassed = bypass.result === 'bypass'
  const shown = shownFindings(refs, bypassed, settings.wasThere)
  const textOf = new Map<Diagnostic, string>(shown.map(({ diagnostic, text }) => [diagnostic, text]))
  const diagnostics = shown.map(({ diagnostic }) => diagnostic)
  const errors = diagnostics.filter(d => d.severity === 'error')
  const rejected = errors.length > 0
  const report = terminalReport({
    rejected,
    ...(settings.inTesting === true ? { inTesting: true as const } : {}),
    diagnostics: [...errors, ...diagnostics.filter(d => d.severity === 'warning')],
    refusedLater: settings.refusesDefault ? shown.filter(({ isRefusedLater }) => isRefusedLater).length : 0,
    textOf: (_path, diagnostic) => textOf.get(diagnostic) ?? '',
    notes: bypassed ? [] : eachOnce(notes),
    maxProblems: settings.maxProblems,
    short: settings.isByWeb,
    footer: footer(rejected, bypass, settings),
  })
  const aboutBypass =
    bypassed && refs.some(({ plan }) => plan.isGated)
      ? `warning: catalog-gate was bypassed: ${printable(bypass.reason)}\n`
      : ''
  const wouldCount = refs.some(({ files }) => files.some(file => file.diagnostics.some(d => d.severity === 'error')))
  const aboutPause =
    settings.paused && wouldCount
      ? `warning: catalog-gate is paused, and refuses nothing (${printable(pauseText(settings.paused))})\n`
      : ''
  return { text: aboutBypass + aboutPause + report, rejected }
}

type Shown = { diagnostic: Reported; text: string; isRefusedLater: boolean }

/** Enforced refs first: a commit that was pushed to two branches is told once, as the stricter one has it. */
function shownFindings(refs: readonly JudgedRef[], bypassed: boolean, wasThere: ReportSettings['wasThere']): Shown[] {
  const strictFirst = [
    ...refs.filter(({ plan }) => plan.mode === 'enforce'),
    ...refs.filter(({ plan }) => plan.mode === 'warn'),
  ]
  const branchesOf = new Map<CheckedFile, string[]>()
  for (const { plan, files } of strictFirst)
    for (const file of files)
      branchesOf.set(file, [...(branchesOf.get(file) ?? []), plan.pushed.ref.replace('refs/heads/', '')])
  const seen = new Set<CheckedFile>()
  return strictFirst.flatMap(({ plan, files }) =>
    files.flatMap(file => {
      if (seen.has(file)) return []
      seen.add(file)
      const on = refs.length > 1 ? { on: branchesOf.get(file) ?? [] } : {}
      const softened = plan.mode === 'warn' || bypassed ? { severity: 'warning' as const } : {}
      return file.diagnostics.map(diagnostic => ({
        diagnostic: { ...diagnostic, ...softened, ...on, ...(wasThere(diagnostic) ? { wasThere: true as const } : {}) },
        text: file.text,
        isRefusedLater: plan.mode === 'warn' && !plan.pushed.isDefaultBranch && diagnostic.severity === 'error',
      }))
    }),
  )
}

/** A file that two branches share is named once. */
const eachOnce = (notes: readonly Note[]): Note[] => [
  ...new Map(notes.map(note => [`${note.path ?? ''}\0${note.text}`, note])).values(),
]

function footer(
  rejected: boolean,
  bypass: Bypass,
  { pushOption, isByWeb, inTesting = false, footer: own }: ReportSettings,
): string[] {
  const lines: string[] = []
  if (rejected && inTesting) lines.push('hint: correct it with your next push')
  else if (rejected && bypass.result === 'reason missing')
    lines.push(`hint: a bypass needs its reason: git push -o ${bypass.pushOption}='why'`)
  // The web page and the API have no push options.
  else if (rejected && pushOption !== undefined && !isByWeb)
    lines.push(`hint: correct and push again. To bypass: git push -o ${pushOption}='why'`)
  if (own) lines.push(own)
  return lines
}
