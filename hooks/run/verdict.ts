// What the pusher reads, and whether the push is refused.

import { printable } from '../../schemas/printable.ts'
import type { CheckedFile } from '../catalog/file.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Note } from '../diagnostics/note.ts'
import type { Bypass } from '../push/options.ts'
import { terminalReport } from '../report/terminal.ts'
import type { HookEdges } from './hook-edges.ts'
import type { RefRun } from './plan.ts'

/** Whether an error is known that refuses the push. */
export const isRefused = (runs: readonly RefRun[], bypass: Bypass): boolean =>
  bypass.result !== 'bypass' && runs.some(run => run.mode === 'enforce' && errorsOf(run))

function errorsOf(run: RefRun): boolean {
  const removed = new Set(run.files.filter(({ change }) => change === 'removed').map(({ path }) => path))
  return run.checked.some(
    file => !removed.has(file.path) && file.diagnostics.some(({ severity }) => severity === 'error'),
  )
}

/** Refused only for an error in a file of an enforced ref, without a bypass. */
export function verdict(
  runs: readonly RefRun[],
  bypass: Bypass,
  edges: HookEdges,
  notes: Note[],
): { text: string; rejected: boolean } {
  const { config, env } = edges
  const bypassed = bypass.result === 'bypass'
  const told = new Set<CheckedFile>()
  const textOf = new Map<Diagnostic, string>()
  // Enforced refs first: a commit that was pushed to two branches is told once, as the stricter one has it.
  const strictFirst = [
    ...runs.filter(({ mode }) => mode === 'enforce'),
    ...runs.filter(({ mode }) => mode !== 'enforce'),
  ]
  const diagnostics = strictFirst.flatMap(run => {
    if (run.mode === 'off' || bypassed) return []
    const removed = new Set(run.files.filter(({ change }) => change === 'removed').map(({ path }) => path))
    return run.checked.flatMap(file => {
      if (removed.has(file.path) || told.has(file)) return []
      told.add(file)
      return file.diagnostics.map(diagnostic => {
        const shown = run.mode === 'warn' ? { ...diagnostic, severity: 'warning' as const } : diagnostic
        textOf.set(shown, file.text)
        return shown
      })
    })
  })
  const rejected = diagnostics.some(d => d.severity === 'error')
  const ordered = [
    ...diagnostics.filter(d => d.severity === 'error'),
    ...diagnostics.filter(d => d.severity === 'warning'),
  ]
  const report = terminalReport({
    rejected,
    diagnostics: ordered,
    linesOf: (_path, diagnostic) => (textOf.get(diagnostic) ?? '').split(/\r?\n/),
    notes: bypassed ? [] : notes,
    maxProblems: config.limits.problems,
    short: isByWeb(env),
    footer: footer(rejected, bypass, edges),
  })
  const said =
    bypassed && runs.some(({ isGated }) => isGated)
      ? `warning: catalog-gate was bypassed: ${printable(bypass.reason)}\n`
      : ''
  return { text: said + report, rejected }
}

function footer(rejected: boolean, bypass: Bypass, { config: { enforce, help }, env }: HookEdges): string[] {
  const lines: string[] = []
  // The web page and the API have no push options.
  const canBypass = enforce.bypass && !isByWeb(env)
  if (rejected && bypass.result === 'reason missing')
    lines.push(`hint: a bypass needs its reason: git push -o ${bypass.pushOption}='why'`)
  else if (rejected && enforce.bypass && canBypass)
    lines.push(`hint: correct and push again. To bypass: git push -o ${enforce.bypass.pushOption}='why'`)
  if (help.footer) lines.push(help.footer)
  return lines
}

/** The web editor, a merge button or the API: text is shown raw there, and there are no push options. */
const isByWeb = (env: NodeJS.ProcessEnv) => (env['GITHUB_VIA'] ?? '') !== ''
