// What a survey has found in each repository, from the file that `catalog-gate survey --format json` wrote. Read when somebody looks, and again when it has changed.
import { readFile, stat } from 'node:fs/promises'
import { surveyReport } from '../../schemas/compiled/own.mjs'
import { errorCode, fileTrouble } from '../../schemas/error-code.ts'

type Found = {
  severity: 'error' | 'warning'
  code: string
  path: string
  /** From 1. */
  line: number
  message: string
  hint?: string
  /** The line on GHES. */
  source?: string
}

/** As survey-report.schema.json has it. */
export type SurveyedRepository = {
  repository: string
  branch?: string
  /** refused, warned, accepted, no-catalog-file, … */
  verdict: string
  /** Why it was not looked at. */
  reason?: string
  files: { path: string; errors: number; warnings: number }[]
  problems: Found[]
  notes: { path?: string; text: string }[]
}

export type SurveyAnswer =
  | { result: 'none' }
  | { result: 'unreadable'; reason: string }
  | { result: 'not in it'; atMs: number }
  | { result: 'surveyed'; atMs: number; repository: SurveyedRepository }

/** Given OWNER/NAME, in any case. */
export type AskSurvey = (repository: string) => Promise<SurveyAnswer>

/** 2,000 repositories with five problems each are 8 MB. Parsing stops everything else: 32 MB for about 0.2 s. */
const MOST_BYTES = 32 * 1024 * 1024

type Read = { atMs: number; repositories: Map<string, SurveyedRepository> } | { reason: string }

/** `path`: of the file; undefined where none is configured. One reading at a time, however many look. */
export function openSurveyFile(path: string | undefined): AskSurvey {
  if (path === undefined) return async () => ({ result: 'none' })
  let version = ''
  let reading: Promise<Read> = Promise.resolve({ reason: '' })
  return async repository => {
    const now = await versionOf(path)
    if (now !== version) {
      version = now
      reading = readSurvey(path)
    }
    const read = await reading
    if ('reason' in read) return { result: 'unreadable', reason: read.reason }
    const found = read.repositories.get(repository.toLowerCase())
    return found ? { result: 'surveyed', atMs: read.atMs, repository: found } : { result: 'not in it', atMs: read.atMs }
  }
}

async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch (error) {
    return errorCode(error) ?? 'unknown'
  }
}

async function readSurvey(path: string): Promise<Read> {
  try {
    if ((await stat(path)).size > MOST_BYTES) return { reason: `it has more than ${MOST_BYTES >> 20} MiB` }
    const report: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!surveyReport(report)) return { reason: 'it is not what `catalog-gate survey --format json` prints' }
    const { at, repositories } = report as { at: string; repositories: SurveyedRepository[] } // its schema has seen it
    return { atMs: Date.parse(at), repositories: new Map(repositories.map(one => [one.repository.toLowerCase(), one])) }
  } catch (error) {
    if (error instanceof SyntaxError)
      return { reason: 'it is no whole JSON: the survey was cut off, or is being written' }
    return { reason: fileTrouble(error) }
  }
}
