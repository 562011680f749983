// A survey in a test: its world with what it wrote, and catalog files of every sort.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readConfig } from '../../scripts/config/read-config.ts'
import type { SurveyOptions } from '../../scripts/survey/options.ts'
import { survey } from '../../scripts/survey/survey.ts'
import { TestClock } from '../relay/clock.ts'

export const token = 'ghp_survey'
export const nowMs = Date.UTC(2026, 10, 24)

export const component = (name: string, more = '') => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
${more}spec: { type: service, lifecycle: production, owner: team-a }
`

export type Ran = { code: number; out: string; err: string }

export class SurveyFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'catalog-gate-survey-'))
  readonly clock = new TestClock(nowMs)
  readonly interruption = new AbortController()
  isWatched = false
  /** Of the run that is under way. */
  err = ''

  constructor() {
    writeFileSync(this.file('token'), `${token}\n`, { mode: 0o600 })
  }

  file(name: string): string {
    return join(this.folder, name)
  }

  write(name: string, text: string): string {
    writeFileSync(this.file(name), text)
    return this.file(name)
  }

  async run(apiUrl: string, more: Partial<SurveyOptions> = {}): Promise<Ran> {
    let out = ''
    this.err = ''
    const options = {
      org: ['acme'],
      apiUrl,
      tokenFile: 'token',
      format: 'table' as const,
      cache: 'cache.jsonl',
      ...more,
      ...(more.config === undefined ? {} : { config: resolve(this.folder, more.config) }),
    }
    const code = await survey(options, {
      ...{ env: {}, cwd: this.folder, clock: this.clock, interrupted: this.interruption.signal, readConfig },
      write: text => {
        out += text
      },
      writeError: text => {
        this.err += text
      },
      isWatched: () => this.isWatched,
      readStdin: () => Buffer.alloc(0),
    })
    return { code, out, err: this.err }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
