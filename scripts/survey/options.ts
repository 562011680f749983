// What a survey is told on the command line: read and checked, every problem at once.
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorCode, fileTrouble } from '../../schemas/error-code.ts'
import { writeWhole } from '../cli/whole-file.ts'
import { type GhesTarget, organizationProblem, readGhesTarget } from '../ghes/target.ts'

export type SurveyOptions = {
  org: string[]
  apiUrl: string
  /** This, or the App. */
  tokenFile?: string
  appId?: string
  appKeyFile?: string
  caFile?: string
  config?: string
  format: 'table' | 'json'
  csv?: string
  html?: string
  deep?: boolean
  /** A path, or `false` by --no-cache. */
  cache?: string | false
}

export type Target = GhesTarget & { organizations: string[] }

export function readTarget(
  options: SurveyOptions,
  cwd: string,
  now: () => number,
): { target: Target } | { problems: string[] } {
  const ghes = readGhesTarget(options, cwd, now)
  const organizations = options.org.filter(
    (org, i, all) => all.findIndex(one => one.toLowerCase() === org.toLowerCase()) === i,
  )
  const problems = [...organizations.flatMap(organizationProblem), ...('problems' in ghes ? ghes.problems : [])]
  if ('problems' in ghes || problems.length > 0) return { problems }
  return { target: { ...ghes.target, organizations } }
}

/** Into the files that are asked for. A disk that is full meanwhile is a sentence for each. */
export function writeReports(
  reports: readonly [file: string | undefined, text: () => string][],
  cwd: string,
): string[] {
  return reports.flatMap(([file, text]) => {
    if (file === undefined) return []
    try {
      writeWhole(resolve(cwd, file), text())
      return []
    } catch (error) {
      if (errorCode(error) === undefined) throw error
      return [`${file}: cannot be written (${fileTrouble(error)})`]
    }
  })
}

/** Whether a file can be written is better known before a survey of minutes than after it. */
export function unwritable(file: string): string[] {
  try {
    closeSync(openSync(file, 'a'))
    return []
  } catch (error) {
    return [`${file}: cannot be written (${fileTrouble(error)})`]
  }
}
