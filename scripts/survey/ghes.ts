// How the survey asks GHES: in the words of its options, every request counted, what passes told from what does not.

import type { GhesAccess } from '../../relay/clients/ghes/app.ts'
import { type GhesRequests, openGhesClient } from '../../relay/clients/ghes/client.ts'
import { credentialOf } from '../../relay/clients/ghes/ghes.ts'
import { isSetUp, type Refusal, type Remedies, troubleOf } from '../../relay/clients/ghes/refusal.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import { accessRemedies } from '../ghes/access-remedies.ts'

const NEEDS = {
  token: 'to read contents and metadata (classic: scopes repo and read:org)',
  app: 'contents and metadata: read',
}

export type SurveyGhesOptions = {
  /** `https://HOST/api/v3`, without a slash at its end. */
  apiUrl: string
  access: GhesAccess
  /** PEM; trusted besides the authorities that Node trusts. */
  ca?: string
  now: () => number
  /** In the words of who asks; left out: those of the survey's options. */
  remedies?: Remedies
}

/** For a token of an App. */
const TIMEOUT_MS = 30_000

export type SurveyGhes = GhesRequests & {
  /** Requests that were made so far. */
  requests: () => number
  trouble: (refusal: Refusal) => Trouble
  close: () => Promise<void>
}

export function openSurveyGhes({
  apiUrl,
  access,
  ca,
  now,
  remedies = accessRemedies(access, NEEDS),
}: SurveyGhesOptions): SurveyGhes {
  let requests = 0
  let hasAnswered = false
  const connection = { baseUrl: apiUrl, now, ...(ca === undefined ? {} : { ca }) }
  const client = openGhesClient({
    ...connection,
    credential: credentialOf({ ...access, ...connection }, TIMEOUT_MS),
    remedies,
  })
  const counted = async <A extends { result: 'answered' } | Refusal>(asked: Promise<A>): Promise<A> => {
    requests++
    const answer = await asked
    hasAnswered ||= answer.result === 'answered' || isWordOfGhes(answer)
    return answer
  }
  return {
    ask: (...asked) => counted(client.ask(...asked)),
    query: (...asked) => counted(client.query(...asked)),
    list: (...asked) => counted(client.list(...asked)),
    requests: () => requests,
    trouble: refusal => {
      // Before the first answer it is the address that is wrong more often than GHES: then waiting is of no use.
      const isWrongHere = !hasAnswered && (refusal.status === undefined || isSetUp(refusal.kind))
      return troubleOf(refusal, isWrongHere ? 'set-up' : undefined)
    },
    close: client.close,
  }
}

/** And not that of a proxy, or of whatever else answers there. */
const isWordOfGhes = ({ found, status }: Refusal) => status !== undefined && status < 500 && found !== 'not-the-api'
