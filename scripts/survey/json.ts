// A survey for machines: `catalog-gate survey --format json`. Fields may be added, none are renamed.
import { isWhole, lineUrl, type SurveyReport } from './report.ts'

export function jsonReport(report: SurveyReport): string {
  const { organizations, webUrl, atMs, requests, counts, reasons, repositories, failures, limits } = report
  const json = {
    at: new Date(atMs).toISOString(),
    organizations,
    requests,
    complete: isWhole(report),
    counts,
    reasons,
    failures,
    limits,
    repositories: repositories.map(one => ({
      ...one,
      url: `${webUrl}/${one.repository}`,
      problems: one.problems.map(({ label, ...problem }) => ({
        ...problem,
        source: lineUrl(webUrl, one, problem.path, problem.line),
        ...(label === undefined ? {} : { related: label }),
      })),
    })),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}
