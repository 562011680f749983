// Who owns a repository, and how that is known. A guess never looks like knowledge: the reason goes with it.
import { readOwners } from '../../hooks/catalog/codeowners.ts'
import type { TeamRight } from './teams.ts'

export type OwnerFound = {
  /** As `spec.owner` has it; undefined: left out. */
  owner?: string
  /** Nobody could be found, and an owner is needed. */
  isMissing?: true
  reason: string
  /** A person should look. */
  isGuess: boolean
}

export type OwnerAsked = {
  /** The catalog file that is proposed. */
  path: string
  /** Texts of the files of code owners, by their paths, in the order in which they count. */
  codeowners: readonly { path: string; text: string }[]
  teams: readonly TeamRight[]
  /** Of the rules. */
  ruled: string | undefined
  /** Of migrate.yaml. */
  byDefault: string | undefined
  /** Backstage takes a missing owner from CODEOWNERS (hook.yaml, catalog.ownerFrom). */
  isFromCodeowners: boolean
}

export function findOwner(asked: OwnerAsked): OwnerFound {
  const { path, codeowners, teams, ruled, byDefault, isFromCodeowners } = asked
  const [first] = codeowners
  const said = first && readOwners(first.text)(path)
  if (isFromCodeowners && first && said?.result === 'owner')
    return { reason: `left out: Backstage takes ${said.owner} from ${first.path}`, isGuess: false }
  if (ruled !== undefined) return { owner: ruled, reason: 'by the rules', isGuess: false }
  const team = first && said?.result === 'owner' && !said.owner.includes(':') ? said.owner : undefined
  if (first && team !== undefined && isTeamIn(first.text, team))
    return { owner: team, reason: `the team of ${path} in ${first.path}`, isGuess: false }
  const [admin, maintain] = (['admin', 'maintain'] as const).map(right => teams.filter(one => one.right === right))
  for (const [right, all] of [
    ['admin', admin],
    ['maintain', maintain],
  ] as const) {
    const [only, ...others] = (all ?? []).toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
    if (only === undefined) continue
    const more =
      others.length === 0
        ? 'the only team'
        : `the first of ${others.length + 1} teams (${[only, ...others]
            .map(({ slug }) => slug)
            .slice(0, 5)
            .join(', ')})`
    return { owner: only.slug, reason: `${more} with ${right} rights`, isGuess: true }
  }
  if (byDefault !== undefined)
    return { owner: byDefault, reason: "nobody was found: the default of migrate.yaml's owner", isGuess: true }
  return {
    isMissing: true,
    reason: 'no team in CODEOWNERS, none with admin or maintain rights, and no owner in migrate.yaml',
    isGuess: true,
  }
}

/** An address without its "@…" looks like a team. */
const isTeamIn = (text: string, team: string) => text.includes(`/${team}`)

/** Whom GHES asks to review a file: teams by their slug, people by their login. */
export function reviewersOf(text: string, path: string): { teams: string[]; people: string[] } {
  const said = readOwners(text)(path)
  if (said.result !== 'owner') return { teams: [], people: [] }
  if (said.owner.startsWith('User:')) return { teams: [], people: [said.owner.slice('User:'.length)] }
  return isTeamIn(text, said.owner) ? { teams: [said.owner], people: [] } : { teams: [], people: [] }
}
