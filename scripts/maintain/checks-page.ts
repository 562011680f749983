// hooks/CHECKS.md: runs its examples and writes what they really give, or verifies that the page says so.
//
//   node scripts/maintain/checks-page.ts            verify; exit code 1 and a list of what is not so
//   node scripts/maintain/checks-page.ts --write    write the outputs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { openChecker, unbounded } from '../../hooks/catalog/check-files.ts'
import type { Rules } from '../../hooks/catalog/file.ts'
import { withAnswer } from '../../hooks/catalog/lookup.ts'
import { type Content, mapOf, type Tree } from '../../hooks/catalog/tree.ts'
import { codes } from '../../hooks/diagnostics/codes.ts'
import { terminalReport } from '../../hooks/report/terminal.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import type { LookupAnswer } from '../../schemas/lookup.ts'
import { withOwnKinds } from '../../schemas/own-kinds.ts'
import { bakeHookConfig } from '../config/hook-config.ts'
import { ownKind } from '../config/own-kinds.ts'

export const page = join(import.meta.dirname, '../../hooks/CHECKS.md')

/** The page lives in this repository as far as its examples are concerned. */
const pageRules: Omit<Rules, 'installation'> = {
  profile,
  repository: { fullName: 'acme/payments', folder: '' },
  severities: {},
  helpUrl: '',
}

/** What no page can show: a document of megabytes, and bytes that are no text. */
const WITHOUT_EXAMPLE = ['not-checked', 'not-utf-8', 'wrong-encoding']

/**
 * `wasThere`: it was pushed before as it is. `rule`: the organisation's own schema that an example is judged by, besides Backstage's; `hook`: the
 * hook.yaml that it is judged with; `catalog`: what the live catalog says of it, by the relay.
 */
export type Example = {
  kind: 'wrong' | 'right'
  yaml: string
  path: string
  /** What lies beside it, with its contents. */
  tree: Map<string, string>
  wasThere: boolean
  rule?: string
  hook?: string
  catalog?: string
}
export type Section = { code: string; examples: Example[]; output: string | undefined }

/** The sections of the page: a heading that is a code, and fenced blocks marked `yaml wrong`, `text` and `yaml right`; before them `json rule`, `yaml hook`, `json catalog`, `file=PATH`. */
export function sectionsOf(text: string): Section[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map(part => {
      const examples: Example[] = []
      let output: string | undefined
      let rule: string | undefined
      let hook: string | undefined
      let catalog: string | undefined
      const beside = new Map<string, string>()
      for (const [, info = '', body = ''] of part.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
        const [, kind] = /^yaml (wrong|right)/.exec(info) ?? []
        if (info === 'text') output = body
        if (info === 'json rule') rule = body
        if (info === 'yaml hook') hook = body
        if (info === 'json catalog') catalog = body
        const file = /^file=(\S+)$/.exec(info)?.[1]
        if (file !== undefined) beside.set(file, body)
        if (kind !== 'wrong' && kind !== 'right') continue
        const path = /path=(\S+)/.exec(info)?.[1] ?? 'catalog-info.yaml'
        const named = /tree=(\S+)/.exec(info)?.[1]?.split(',') ?? []
        const tree = new Map([...named.map(name => [name, '{}'] as const), ...beside])
        const wasThere = info.includes(' before')
        const given = { ...(rule ? { rule } : {}), ...(hook ? { hook } : {}), ...(catalog ? { catalog } : {}) }
        examples.push({ kind, yaml: body, path, tree, wasThere, ...given })
      }
      return { code: part.slice(0, part.indexOf('\n')).trim(), examples, output }
    })
}

/** What a pusher would see of an example, and the codes in it. */
export async function run({
  yaml,
  path,
  tree,
  wasThere,
  rule,
  hook,
  catalog,
}: Example): Promise<{ codes: string[]; output: string }> {
  const own = rule === undefined ? [] : [await ownKind(JSON.parse(rule))]
  const rules = { ...pageRules, profile: withOwnKinds(profile, own), installation: installationOf(hook) }
  const was: Content = wasThere ? { result: 'bytes', bytes: Buffer.from(yaml) } : { result: 'absent' }
  const previous = async (paths: readonly string[]) => mapOf(paths, () => was)
  const push = { others: new Map(), isTouched: () => true, removed: new Set<string>(), previous }
  const request = { tree: treeOf(new Map([...tree, [path, yaml]])), paths: [path], followLocations: false, push }
  const checker = openChecker(rules, NO_OTHER_NAMES)
  const checked = await checker.check(request)
  const inTree = await checker.checkInTree(checked.files, request.tree)
  const answer: LookupAnswer = { unknown: [], taken: [], asOf: '', ...JSON.parse(catalog ?? '{}') }
  const here = { rules, tree: request.tree, checker, budget: unbounded }
  const files = await withAnswer(inTree.files, () => true, answer, here)
  const diagnostics = files.flatMap(file => file.diagnostics)
  const output = terminalReport({
    rejected: diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics,
    textOf: () => yaml,
    notes: [],
    maxProblems: 20,
    short: false,
    footer: [],
  })
  return { codes: [...new Set(diagnostics.map(({ code }) => code))], output }
}

const NO_OTHER_NAMES = { isCatalogPath: () => true, isIgnored: () => false, baseNames: [], hasWildNames: false }

function treeOf(files: ReadonlyMap<string, string>): Tree {
  const contentAt = (path: string): Content => {
    const text = files.get(path)
    return text === undefined ? { result: 'absent' } : { result: 'bytes', bytes: Buffer.from(text) }
  }
  return {
    read: async paths => mapOf(paths, contentAt),
    exists: async paths => mapOf(paths, path => (files.has(path) ? 'there' : 'absent')),
    isKnown: () => false,
    list: async () => [...files.keys()],
  }
}

function installationOf(hook: string | undefined): Rules['installation'] {
  const baked = bakeHookConfig(hook === undefined ? {} : parse(hook))
  if (baked.result === 'wrong') throw new Error(baked.problems.join('\n'))
  return baked.config.catalog
}

/** What is not so on the page; empty when all of it is true. */
export async function verify(text: string): Promise<string[]> {
  const sections = sectionsOf(text)
  const problems: string[] = []
  const names = sections.map(({ code }) => code)
  for (const code of Object.keys(codes)) if (!names.includes(code)) problems.push(`${code}: has no section`)
  for (const { code, examples, output } of sections) {
    if (!Object.hasOwn(codes, code)) problems.push(`${code}: is not a code`)
    if (WITHOUT_EXAMPLE.includes(code)) continue
    const wrong = examples.find(({ kind }) => kind === 'wrong')
    const right = examples.find(({ kind }) => kind === 'right')
    if (!wrong || !right || output === undefined) {
      problems.push(`${code}: needs a wrong example, its output and a right example`)
      continue
    }
    const got = await run(wrong)
    if (got.codes.join() !== code)
      problems.push(`${code}: its wrong example gives ${got.codes.join(', ') || 'nothing'}`)
    if (got.output !== output) problems.push(`${code}: its wrong example prints something else now:\n${got.output}`)
    const good = await run(right)
    if (good.output !== '') problems.push(`${code}: its right example is not accepted without a word:\n${good.output}`)
  }
  return problems
}

/** The page with the outputs as they are. */
export async function withOutputs(text: string): Promise<string> {
  const parts = text.split(/^(?=## )/m)
  const written = parts.map(async part => {
    const wrong = sectionsOf(part)[0]?.examples.find(({ kind }) => kind === 'wrong')
    if (!wrong) return part
    const { output } = await run(wrong)
    return part.replace(/^```text\n[\s\S]*?^```$/m, () => `\`\`\`text\n${output}\`\`\``)
  })
  return (await Promise.all(written)).join('')
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--write')) writeFileSync(page, await withOutputs(readFileSync(page, 'utf8')))
  const problems = await verify(readFileSync(page, 'utf8'))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
