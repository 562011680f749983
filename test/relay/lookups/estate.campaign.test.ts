// Entities move, repositories are renamed and deleted, and the catalog hears of all of it late: nothing that is there is called unknown, and no name taken that is free.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LookupAnswer } from '../../../schemas/lookup.ts'
import { rounds, seed } from '../../support/campaign.ts'
import { MovingEstate, type Place } from './moving-estate.ts'

const ENTITIES = rounds(400, 10_000)
const STEPS = rounds(120, 3_000)

test(`${ENTITIES} entities, ${STEPS} pushes, moves, renames and deletions: 0 false unknown-ref, 0 false name-taken`, async t => {
  const estate = await MovingEstate.open(seed, ENTITIES)
  t.after(() => estate.end())
  const { random } = estate
  const told = { unknown: 0, taken: 0, answers: 0 }
  /** Names that were free once are used again, and so are those of deleted repositories. */
  const free: string[] = []

  const asking = async (place: Place, declares: string[], refersTo: string[]): Promise<LookupAnswer> => {
    const { repository, path } = place
    const found = await estate.ask({
      ...{ version: 1, repository: random.chance(0.2) ? repository.toUpperCase() : repository },
      ref: random.pick(['refs/heads/main', 'refs/heads/feature/x']),
      entities: declares.map(ref => ({ ref, path })),
      references: refersTo,
    })
    assert.equal(found.result, 'answer')
    told.answers++
    return (found as Extract<typeof found, { result: 'answer' }>).answer
  }
  /** What the hook would say of a push, before it is brought. */
  const bring = async (ref: string, place: Place) => {
    const others = Array.from({ length: 5 }, () => estate.anEntity()[0])
    const answer = await asking(place, [ref], others)
    assert.deepEqual([answer.unknown, answer.taken], [[], []], `${ref} in ${place.repository}/${place.path}`)
    await estate.bring(ref, place)
  }
  const happenings: (() => Promise<unknown>)[] = [
    () => bring(estate.newName(), estate.newPlace()),
    async () => {
      const ref = free.pop()
      if (ref !== undefined) await bring(ref, estate.newPlace())
    },
    // From one file to another: two pushes, and nobody waits in between. Where it is but one repository, the hook itself knows more.
    async () => {
      const [ref, from] = estate.anEntity()
      const to = estate.newPlace()
      await estate.take(ref)
      await bring(ref, to.repository === from.repository ? from : to)
    },
    async () => {
      const [ref] = estate.anEntity()
      await estate.take(ref)
      free.push(ref)
    },
    () => estate.rename(estate.anEntity()[1].repository),
    async () => {
      if (random.chance(0.2)) free.push(...(await estate.deleteRepository(estate.anEntity()[1].repository)))
    },
    // A file that is pushed as it is.
    () => bring(...estate.anEntity()),
  ]

  for (let step = 0; step < STEPS; step++) {
    await random.pick(happenings)()
    if (random.chance(0.3)) {
      const nobody = `group:default/nobody-${step}`
      const [ref] = estate.anEntity()
      assert.deepEqual(
        (await asking(estate.newPlace(), [], [nobody, ref])).unknown.map(one => one.ref),
        [nobody],
      )
      told.unknown++
    }
    await estate.pass()
  }
  // When everybody has heard of everything, a name that is held is told.
  while (!estate.isSettled) await estate.pass()
  for (let n = 0; n < 50; n++) {
    const [ref, { repository, path }] = estate.anEntity()
    const by = `https://ghe.test/${repository}/blob/main/${path}`
    const { taken } = await asking({ repository: 'acme/somebody-else', path }, [ref], [])
    assert.deepEqual(taken, [{ ref, by }])
    told.taken++
  }
  t.diagnostic(JSON.stringify(told))
})
