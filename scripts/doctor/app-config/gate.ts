// What the gate refuses and what this Backstage refuses have to be the same: hook.yaml beside app-config.
import { isDeepStrictEqual } from 'node:util'
import type { CatalogRule, HookConfig } from '../../../hooks/config/hook-config.ts'
import { readHookConfig } from '../../config/hook-config.ts'
import { learnFromAppConfig } from '../../learn/from-app-config.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import type { Inspected } from './inspected.ts'

const CHECK = 'hook.yaml'
const LEARN = 'catalog-gate learn --app-config FILE prints the catalog part of hook.yaml that fits'

export function checkGate({ config }: Inspected, file: string): Finding[] {
  const baked = readHookConfig(file)
  if (baked.result === 'wrong') return baked.problems.map(problem => wrong(CHECK, problem, `put it right in ${file}`))
  const learned = learnFromAppConfig(config)
  const gate = baked.config.catalog
  const findings = [
    ...(learned.rules ? rules(gate.rules, learned.rules.value, `${file}: catalog.rules`, learned.rules.from) : []),
    ...(learned.techdocs && 'catalog.techdocs' in baked.settings
      ? differing('techdocs', gate.techdocs, learned.techdocs, file)
      : []),
    ...(learned.ownerFrom?.value === 'none' ? differing('ownerFrom', gate.ownerFrom, learned.ownerFrom, file) : []),
    ...(learned.placeholders ? placeholders(gate, learned.placeholders, file) : []),
  ]
  return findings.length > 0 ? findings : [ok(CHECK, `${file} and app-config do not contradict each other`)]
}

/** Kinds alone; rules with locations are compared as they stand. */
function rules(
  gate: readonly CatalogRule[],
  backstage: readonly CatalogRule[],
  place: string,
  from: string,
): Finding[] {
  if (gate.length === 0 || isDeepStrictEqual(sorted(gate), sorted(backstage))) return []
  const [ours, theirs] = [kindsOf(gate), kindsOf(backstage)]
  const refused = [...theirs].filter(kind => !ours.has(kind))
  const accepted = [...ours].filter(kind => !theirs.has(kind))
  return [
    ...(refused.length > 0
      ? [
          wrong(
            CHECK,
            `${place} refuses ${refused.join(', ')}, which Backstage takes (${from}): good pushes are refused; expected the same rules`,
            LEARN,
          ),
        ]
      : []),
    ...(accepted.length > 0
      ? [
          warning(
            CHECK,
            `${place} allows ${accepted.join(', ')}, which Backstage refuses with the whole file (${from}); expected the same rules`,
            LEARN,
          ),
        ]
      : []),
    ...(refused.length + accepted.length === 0
      ? [warning(CHECK, `${place} and ${from} allow the same kinds, but not in the same places`, LEARN)]
      : []),
  ]
}

const kindsOf = (rules: readonly CatalogRule[]) =>
  new Set(
    rules
      .flatMap(({ allow }) => allow)
      .map(one =>
        (typeof one === 'string'
          ? one
          : `${one.kind}${one['spec.type'] ? ` of type ${one['spec.type']}` : ''}`
        ).toLowerCase(),
      ),
  )

/** The order of rules and of what they allow decides nothing. */
const sorted = (rules: readonly CatalogRule[]) =>
  rules
    .map(({ allow, locations }) =>
      JSON.stringify([allow.map(one => JSON.stringify(one).toLowerCase()).sort(), locations ?? []]),
    )
    .sort()

function differing(
  setting: 'techdocs' | 'ownerFrom',
  ours: string | undefined,
  theirs: { value: string; from: string },
  file: string,
): Finding[] {
  if (ours === undefined || ours === theirs.value) return []
  return [
    warning(CHECK, `${file}: catalog.${setting} is ${ours}; expected ${theirs.value}, as ${theirs.from} has it`, LEARN),
  ]
}

function placeholders(gate: HookConfig['catalog'], theirs: { value: string[]; from: string }, file: string): Finding[] {
  if (isDeepStrictEqual([...gate.placeholders].sort(), [...theirs.value].sort())) return []
  return [
    warning(
      CHECK,
      `${file}: catalog.placeholders are ${gate.placeholders.join(', ') || 'none'}; expected ${theirs.value.join(', ') || 'none'}, as ${theirs.from} has it`,
      LEARN,
    ),
  ]
}
