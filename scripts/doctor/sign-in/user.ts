// Which User of the catalog somebody would become, by each way of binding that is configured.
import { type Finding, ok, skipped, wrong } from '../finding.ts'
import type { CatalogUser, LiveSignIn } from './backstage.ts'
import type { Person } from './person.ts'

const ID = 'metadata.annotations.github.com/user-id'
const SCAN = 'is the person in an organization of catalog.providers.githubOrg, and has its scan run since?'

/** `resolvers`: names of them, in their order. */
export async function userFindings(
  live: LiveSignIn,
  login: string,
  person: Person,
  resolvers: readonly string[],
): Promise<Finding[]> {
  const check = `User of ${login}`
  const named = await live.users({ 'metadata.name': login.toLowerCase() })
  if (!Array.isArray(named)) return [skipped(check, named.reason, 'a token with catalog.entity.read')]
  if (named.length === 0 && (await seesNothing(live)))
    return [
      skipped(check, 'the token sees no User at all', 'a token with catalog.entity.read, or a catalog with Users'),
    ]
  const byId = resolvers.includes('userIdMatchingUserEntityAnnotation')
  if (!byId) return [byName(check, named, resolvers)]
  if (person.nodeId === undefined) return [withoutId(check, named)]
  const found = await live.users({ [ID]: person.nodeId })
  if (!Array.isArray(found)) return [skipped(check, found.reason, 'a token with catalog.entity.read')]
  // The filter knows no letter case; ids do.
  const exact = found.filter(({ id }) => id === person.nodeId)
  return [idFinding(check, exact, named, person.nodeId)]
}

async function seesNothing(live: LiveSignIn): Promise<boolean> {
  const all = await live.users({})
  return Array.isArray(all) && all.length === 0
}

function idFinding(check: string, exact: readonly CatalogUser[], named: readonly CatalogUser[], id: string): Finding {
  const [user, ...more] = exact
  if (user && more.length === 0) return ok(check, `${user.ref} has their id (${user.from})`)
  if (user)
    return wrong(
      check,
      `${exact.map(({ ref, from }) => `${ref} (${from})`).join(' and ')} have the id ${id}: nobody signs in with it; expected one User`,
      'where they are of two instances: the sign-in of the package of catalog-gate, which knows the instance; else take one away',
    )
  const [same] = named
  if (same === undefined)
    return wrong(check, `the catalog has no User with the id ${id}, and none of this name; expected one`, SCAN)
  return same.id === undefined
    ? wrong(
        check,
        `${same.ref} (${same.from}) has no annotation github.com/user-id; expected ${id}`,
        'write it into that file, or let the org provider bring the User and take the file away: it holds the name',
      )
    : wrong(
        check,
        `${same.ref} (${same.from}) has another id, ${same.id}; expected ${id}`,
        'another account had this login: the next scan of the org provider renews it. Or the id was copied from another instance',
      )
}

function withoutId(check: string, named: readonly CatalogUser[]): Finding {
  const [same] = named
  if (same === undefined) return wrong(check, 'the catalog has no User of this name; expected one', SCAN)
  const what = same.id === undefined ? 'has no github.com/user-id' : `has the id ${same.id}`
  return skipped(
    check,
    `${same.ref} ${what}; whether that is theirs was not looked at`,
    '--relay relay.yaml, to ask GHES for the id',
  )
}

function byName(check: string, named: readonly CatalogUser[], resolvers: readonly string[]): Finding {
  const [same] = named
  if (same?.ref.startsWith('user:default/')) return ok(check, `${same.ref} has their name (${same.from})`)
  if (same)
    return wrong(check, `${same.ref} is in another namespace; ${resolvers.join(', ')} expects user:default`, SCAN)
  return wrong(check, `the catalog has no User of this name; expected one, for ${resolvers.join(', ')}`, SCAN)
}
