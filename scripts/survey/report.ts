// What a survey found out, as one value that table, JSON, CSV and page are made of.
import type { Code } from '../../hooks/diagnostics/codes.ts'
import type { Severity } from '../../hooks/diagnostics/diagnostic.ts'
import { titles } from '../../hooks/diagnostics/titles.ts'
import { encodedPath } from '../../schemas/url-path.ts'
import { type Surveyed, VERDICTS, type Verdict } from './repository.ts'

type Reason = { code: Code; severity: Severity; title: string; repositories: number; problems: number }

export type SurveyReport = {
  organizations: string[]
  /** `https://HOST`, where a person looks. */
  webUrl: string
  atMs: number
  /** Requests to GHES. */
  requests: number
  counts: Record<Verdict, number> & {
    repositories: number
    forks: number
    files: number
    errors: number
    warnings: number
  }
  /** Most repositories first, errors before warnings. */
  reasons: Reason[]
  /** By name, those to be refused first. */
  repositories: Surveyed[]
  /** Organisations that were not, or not wholly, listed; and an interruption. */
  failures: string[]
  /** What this survey cannot know, in sentences. */
  limits: string[]
}

type Gathered = Omit<SurveyReport, 'counts' | 'reasons'>

export function reportOf(gathered: Gathered): SurveyReport {
  const repositories = gathered.repositories.toSorted(
    (a, b) =>
      VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
      (a.repository.toLowerCase() < b.repository.toLowerCase() ? -1 : 1),
  )
  const of = (verdict: Verdict) => repositories.filter(one => one.verdict === verdict).length
  const byVerdict = Object.fromEntries(VERDICTS.map(verdict => [verdict, of(verdict)])) as Record<Verdict, number>
  const sum = (number: (one: Surveyed) => number) => repositories.reduce((total, one) => total + number(one), 0)
  const problems = (severity: Severity) =>
    sum(one => one.problems.filter(problem => problem.severity === severity).length)
  return {
    ...gathered,
    repositories,
    reasons: reasonsIn(repositories),
    counts: {
      ...byVerdict,
      repositories: repositories.length,
      forks: repositories.filter(({ fork }) => fork).length,
      files: sum(({ files }) => files.length),
      errors: problems('error'),
      warnings: problems('warning'),
    },
  }
}

/** Whether everything that the token may see was looked at. */
export const isWhole = ({ counts, failures }: SurveyReport) => counts['not-looked-at'] === 0 && failures.length === 0

function reasonsIn(repositories: readonly Surveyed[]): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const { problems } of repositories) {
    const counted = new Set<string>()
    for (const { code, severity } of problems) {
      const key = `${severity} ${code}`
      const reason = reasons.get(key) ?? { code, severity, title: titles[code], repositories: 0, problems: 0 }
      reasons.set(key, reason)
      reason.problems++
      if (!counted.has(key)) reason.repositories++
      counted.add(key)
    }
  }
  return [...reasons.values()].sort(
    (a, b) =>
      (a.severity === b.severity ? 0 : a.severity === 'error' ? -1 : 1) ||
      b.repositories - a.repositories ||
      (a.code < b.code ? -1 : 1),
  )
}

/** Where a person sees the line, at the repository's default branch. */
export function lineUrl(webUrl: string, { repository, branch }: Surveyed, path: string, line?: number): string {
  const file = encodedPath(`${repository}/blob/${branch ?? 'HEAD'}/${path}`)
  return `${webUrl}/${file}${line === undefined ? '' : `#L${line}`}`
}
