// A backend that answers /validate-entity as Backstage 4.0.5 does (its words were compared with the real one's), with the modules that a test gives it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from '../../../scripts/cli/whole-file.ts'
import { type LearnOptions, learn } from '../../../scripts/learn/learn.ts'
import { createCatalog, type ProfileName } from '../../agreement/catalog.ts'
import { type Answer, StandIn, type StandInRequest } from '../../support/stand-in.ts'

export const TOKEN = 'learn-token-0123456789abcdef'

export type Installed = {
  profile?: ProfileName
  /** Names of placeholders; the last of `quiet` takes whatever it is given. */
  placeholders?: readonly string[]
  quiet?: string
  codeowners?: boolean
  /** What the site's own code refuses, or takes beside what Backstage takes. */
  also?: (entity: Entity) => Answer | undefined
}
type Entity = { kind?: unknown; metadata: Record<string, unknown>; spec?: Record<string, unknown> }

/** Made once: its validators take long to compile. */
const catalogs = { builtin: createCatalog('builtin'), model: createCatalog('model') }

const errorOf = (status: number, name: string, message: string): Answer => ({
  status,
  body: {
    error: { name, message },
    request: { method: 'POST', url: '/validate-entity' },
    response: { statusCode: status },
  },
})
export const refusal = (message: string): Answer => ({
  status: 400,
  body: { errors: [{ name: 'InputError', message }] },
})

export class LearnFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'learn-'))
  readonly backstage: StandIn
  installed: Installed = {}

  private constructor() {
    this.backstage = new StandIn({ kind: ({ url }) => url.pathname, answer: request => this.#answer(request) })
  }

  static async open(): Promise<LearnFixture> {
    const fixture = new LearnFixture()
    await fixture.backstage.start()
    fixture.file('token', `${TOKEN}\n`)
    return fixture
  }

  async close(): Promise<void> {
    await this.backstage.stop()
    rmSync(this.folder, { recursive: true })
  }

  file(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 })
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  /** `live`: the stand-in is asked, too. */
  async learn(options: LearnOptions, live = true): Promise<{ code: number; out: string; errors: string }> {
    let out = ''
    let errors = ''
    const code = await learn(
      { ...(live ? { backstage: this.backstage.url, tokenFile: 'token' } : {}), ...options },
      {
        cwd: this.folder,
        now: () => Date.UTC(2027, 0, 31),
        write: text => (out += text),
        writeError: text => (errors += text),
        readFile: path => readFileSync(path, 'utf8'),
        writeFile: writeWhole,
      },
    )
    return { code, out: out.replaceAll(this.backstage.url, 'https://backstage.test'), errors }
  }

  async #answer({ method, url, headers, body }: StandInRequest): Promise<Answer> {
    if (method !== 'POST' || url.pathname !== '/api/catalog/validate-entity')
      return errorOf(404, 'NotFoundError', 'nothing here')
    if (headers.authorization !== `Bearer ${TOKEN}`) return errorOf(401, 'AuthenticationError', 'Illegal token')
    const { entity, location } = JSON.parse(body) as { entity: Entity; location: string }
    return this.#judge(entity, location)
  }

  async #judge(entity: Entity, location: string): Promise<Answer> {
    const { profile = 'builtin', placeholders = ['text', 'json', 'yaml'], quiet, codeowners, also } = this.installed
    const text = JSON.stringify(entity)
    const [, name] = /\{"\$([^"]+)":(?:7|"probe")\}/.exec(text) ?? []
    if (name !== undefined && placeholders.includes(name) && name !== quiet)
      return refusal(
        `Processor PlaceholderProcessor threw an error while preprocessing; caused by Error: Placeholder $${name} expected a string value parameter`,
      )
    const whole = name !== undefined && name === quiet ? text.replace(/\{"\$[^}]*\}/, '"x"') : text
    if (codeowners && entity.spec?.['owner'] === undefined && location.includes('/wiki/'))
      return refusal('Processor CodeOwnersProcessor threw an error while preprocessing; caused by Error: Incorrect URL')
    const own = also?.(entity)
    if (own !== undefined) return own
    const [verdict] = await catalogs[profile](Buffer.from(whole))
    if (verdict?.status !== 'rejected') return { status: 200 }
    const by = profile === 'model' ? 'ModelProcessor' : 'BuiltinKindsEntityProcessor'
    if (verdict.stage === 'kind') return refusal('No processor recognized the entity x:default/y as valid')
    const isBySchema = ['schema', 'relation'].includes(verdict.stage)
    return refusal(
      isBySchema
        ? `Processor ${by} threw an error while validating; ${verdict.reason}`
        : `Policy check failed; ${verdict.reason}`,
    )
  }
}
