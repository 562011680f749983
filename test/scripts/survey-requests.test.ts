// What a survey of many repositories costs GHES: the inventory in large pages, and only blobs that are not known.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type GraphqlRepository, graphqlAnswer } from '../support/ghes-graphql.ts'
import { StandIn } from '../support/stand-in.ts'
import { component, SurveyFixture } from './survey-fixture.ts'

const REPOSITORIES = 300

const idOf = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex')

/** Repositories that are a list: git would take longer than the survey. */
function listedGhes(texts: string[]): StandIn {
  const repository = (i: number): GraphqlRepository => {
    const text = texts[i] ?? ''
    return {
      nameWithOwner: `acme/svc-${String(i).padStart(4, '0')}`,
      isArchived: false,
      defaultBranch: { name: 'main', head: idOf(`commit ${text}`) },
      entry: async path => (path === 'catalog-info.yaml' ? { type: 'Blob', oid: idOf(text) } : undefined),
      blob: async oid => (oid === idOf(text) ? Buffer.from(text) : undefined),
    }
  }
  const source = {
    repositories: async () => texts.map((_text, i) => repository(i)),
    repository: async (name: string) => repository(Number(name.slice(-4))),
  }
  return new StandIn({
    kind: ({ body }) => (body.includes('totalCount') ? 'inventory' : 'contents'),
    answer: ({ body }) => graphqlAnswer(source, body),
  })
}

test('300 repositories: 3 pages, the blobs once, then only those that have changed', async t => {
  const texts = Array.from({ length: REPOSITORIES }, (_, i) => component(i % 10 === 0 ? `not right ${i}` : `svc-${i}`))
  const ghes = await listedGhes(texts).start()
  const fixture = new SurveyFixture()
  t.after(async () => {
    await ghes.stop()
    fixture.remove()
  })
  const survey = async () => {
    ghes.forgetRequests()
    const { code, out } = await fixture.run(`${ghes.url}/api/v3`, { format: 'json' })
    const { counts } = JSON.parse(out) as { counts: { refused: number } }
    return { code, refused: counts.refused, inventory: ghes.count('inventory'), contents: ghes.count('contents') }
  }
  const first = await survey()
  assert.deepEqual([first.code, first.refused, first.inventory], [1, 30, 3])
  assert.ok(first.contents <= 9, `${first.contents} requests for 300 blobs`)
  assert.deepEqual(await survey(), { ...first, contents: 0 })
  for (let i = 0; i < 6; i++) texts[i * 50] = component(`mended-${i}`)
  const third = await survey()
  assert.deepEqual([third.refused, third.inventory], [24, 3])
  assert.ok(third.inventory + third.contents <= 10 + 3, `${third.contents} requests for 6 blobs`)
  t.diagnostic(
    `inventory ${first.inventory}; contents: all ${first.contents}, unchanged 0, 6 changed ${third.contents}`,
  )
})
