// Cases, judged by both sides in one installation.
import type { Case } from './case.ts'
import { type Comparison, compareCase, type Difference, nothing } from './compare.ts'
import { INSTALLATIONS, type Installation, type InstallationName } from './installations.ts'
import { judgeByUs } from './ours.ts'
import { valuesIn } from './stand-alone.ts'
import { RealCatalog } from './theirs.ts'

export type Told = Difference & { case: Case }
export type Totals = Omit<Comparison, 'differences'> & { files: number; differences: Told[] }

export async function agree(
  name: InstallationName,
  cases: readonly Case[],
  database: { database?: object } = {},
): Promise<Totals> {
  const installation: Installation = INSTALLATIONS[name]
  const { rules } = installation.settings
  const catalog = await RealCatalog.start(
    installation,
    rules.length > 0 ? rules : [{ allow: kindsIn(cases) }],
    database,
  )
  const totals: Totals = { ...nothing(), differences: [], files: 0 }
  try {
    for (const batch of batches(cases)) {
      const outcomes = await catalog.judge(batch)
      for (const [i, one] of batch.entries()) {
        const outcome = outcomes[i]
        if (outcome === undefined) throw new Error(`no outcome of ${one.name}`)
        add(totals, one, compareCase(one, await judgeByUs(one, installation), outcome))
      }
    }
  } finally {
    await catalog.stop()
  }
  return totals
}

function add(totals: Totals, one: Case, { differences, ...counts }: Comparison): void {
  totals.files++
  for (const key of [
    'documents',
    'accepted',
    'rejected',
    'notTaken',
    'templated',
    'beyond',
    'toldElsewhere',
    'unread',
  ] as const)
    totals[key] += counts[key]
  totals.differences.push(...differences.map(difference => ({ ...difference, case: one })))
}

type Entity = { kind: unknown; metadata: { name: unknown; namespace?: unknown } }
const isEntity = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value && Boolean(value.metadata)

const entitiesIn = ({ tree }: Case) => [...tree.values()].flatMap(valuesIn).filter(isEntity)

/** Where rules are not the question, each kind is allowed that somebody wrote. */
const kindsIn = (cases: readonly Case[]) => [
  ...new Set(cases.flatMap(entitiesIn).flatMap(({ kind }) => (typeof kind === 'string' && kind ? [kind] : []))),
]

/** No entity twice in one: the second one's verdict would be about that. */
function batches(cases: readonly Case[]): Case[][] {
  const made: { claims: Set<string>; cases: Case[] }[] = []
  for (const one of cases) {
    const claims = entitiesIn(one).map(({ kind, metadata: { name, namespace } }) =>
      // What else stands there, a symbol in YAML 1.1, say, names no entity.
      [kind, namespace ?? 'default', name].map(part => (typeof part === 'string' ? part.toLowerCase() : '')).join(' '),
    )
    const free = made.find(({ claims: taken }) => claims.every(claim => !taken.has(claim)))
    const batch = free ?? { claims: new Set(), cases: [] }
    if (free === undefined) made.push(batch)
    for (const claim of claims) batch.claims.add(claim)
    batch.cases.push(one)
  }
  return made.map(batch => batch.cases)
}
