// A test goes the whole way of a push, from the way in to Backstage, and refreshes nothing: what it asks for at the end is an answer.
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { PushNotification } from '../../schemas/notification.ts'
import { parseSecret, sign } from '../../schemas/signature.ts'
import { type GhesBranches, repositoryOf } from '../clients/ghes/branches.ts'
import type { Secret } from '../config/secrets.ts'
import type { Records } from '../store/ports/records.ts'

export type TestEdges = {
  store: Pick<Records, 'list'>
  ghes: Pick<GhesBranches, 'repository' | 'branch'>
  /** What the hooks sign with. */
  secret: Secret
  wallMs: () => number
  /** The way in. */
  intake: Pick<FastifyInstance, 'inject'>
}

export type TestSent = { result: 'sent'; id: string; repository: string } | { result: 'not sent'; reason: string }

/** Of the repository's default branch as GHES has it now; without a name of the repository that was pushed to last. */
export async function sendTest(edges: TestEdges, named: string | undefined): Promise<TestSent> {
  const repository = named ?? (await edges.store.list({ limit: 1 }))[0]?.repository
  if (repository === undefined) return notSent('no push has come yet: name a repository, ?repository=OWNER/NAME')
  if (!/^[^/]+\/[^/]+$/.test(repository)) return notSent('repository: expected OWNER/NAME')
  const place = repositoryOf(repository)
  const facts = await edges.ghes.repository(place)
  if (facts.result === 'trouble') return notSent(`GHES could not be asked: ${facts.reason}`)
  if (facts.result !== 'found') return notSent(`GHES shows no repository ${repository}`)
  const branch = await edges.ghes.branch(place, facts.defaultBranch)
  if (branch.result === 'trouble') return notSent(`GHES could not be asked: ${branch.reason}`)
  if (branch.result === 'none') return notSent(`GHES shows no branch ${facts.defaultBranch} of ${repository}`)
  const commit = { before: branch.sha, after: branch.sha }
  const files = [{ path: 'catalog-info.yaml', change: 'modified' as const }]
  const ref = `refs/heads/${facts.defaultBranch}`
  return send(edges, { version: 1, repository, ref, ...commit, defaultBranch: true, test: true, files })
}

const notSent = (reason: string): TestSent => ({ result: 'not sent', reason })

async function send({ secret, wallMs, intake }: TestEdges, push: PushNotification): Promise<TestSent> {
  const key = parseSecret(secret())
  if (key.result !== 'key') throw new Error('a hook secret became unusable unnoticed')
  const body = Buffer.from(JSON.stringify(push))
  const id = `msg_${randomBytes(16).toString('hex')}`
  const timestamp = Math.floor(wallMs() / 1000)
  const answer = await intake.inject({
    method: 'POST',
    url: '/v1/pushes',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign(key.key, id, timestamp, body),
    },
    payload: body,
  })
  if (answer.statusCode === 202) return { result: 'sent', id, repository: push.repository }
  return notSent(`the way in answered ${answer.statusCode}: ${answer.body.slice(0, 200)}`)
}
