// What GHES granted; a refusal ends the command at once, in one place: see plan-and-apply.ts.
import type { Answered } from '../../relay/clients/ghes/client.ts'
import type { Refusal } from '../../relay/clients/ghes/refusal.ts'

/** Not an error of ours: it carries what `plan-and-apply.ts` tells the administrator. */
export class Refused extends Error {
  override name = 'Refused'
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

export async function granted<T>(asked: Promise<Answered<T> | Refusal>): Promise<T> {
  const answer = await asked
  if (answer.result === 'refused') throw new Refused(answer)
  return answer.value
}

/** `undefined` for one of these statuses. */
export async function grantedUnless<T>(
  statuses: readonly number[],
  asked: Promise<Answered<T> | Refusal>,
): Promise<T | undefined> {
  const answer = await asked
  if (answer.result === 'answered') return answer.value
  if (answer.status !== undefined && statuses.includes(answer.status)) return undefined
  throw new Refused(answer)
}
