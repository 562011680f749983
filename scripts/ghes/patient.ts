// GHES asked in no hurry, as commands ask that go through many repositories: a limit or an outage is waited for, and said.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { askPatiently, isTrouble, type Patience } from '../../relay/clients/ghes/patience.ts'
import { type Refusal, type RefusalKind, troubleOf } from '../../relay/clients/ghes/refusal.ts'
import type { Trouble } from '../../relay/clients/trouble.ts'
import { printable } from '../../schemas/printable.ts'

export type Patiently = <T extends { result: string }>(
  ask: (attempt: number) => Promise<T | Trouble>,
) => Promise<T | Trouble>

/** Waits as long as a rate limit wants and tries an outage a few times; `say` is told each time. */
export function patienceOf(patience: Patience, say: (sentence: string) => void): Patiently {
  return ask =>
    askPatiently(patience, async attempt => {
      const answer = await ask(attempt)
      // Stopped meanwhile: nobody waits any more.
      if (patience.signal.aborted) return answer
      if (isTrouble(answer) && answer.kind === 'limited') {
        const seconds = Math.ceil((answer.retryAfterMs ?? 60_000) / 1000)
        say(`waiting ${seconds} s: ${answer.reason}`)
      } else if (isTrouble(answer) && answer.kind === 'down')
        say(`trying again in a moment: ${printable(answer.reason)}`)
      return answer
    })
}

const PASSING: ReadonlySet<RefusalKind> = new Set(['limited', 'down', 'timeout', 'cut', 'unreachable'])

/** The answer, or the refusal that did not pass. What no time mends is told at once. */
export async function patientAnswer<T extends { result: 'answered' }>(
  patiently: Patiently,
  ask: () => Promise<T | Refusal>,
): Promise<T | Refusal> {
  let last: Refusal | undefined
  const answer = await patiently(async () => {
    const given = await ask()
    if (given.result !== 'refused' || !PASSING.has(given.kind)) return given
    last = given
    return troubleOf(given)
  })
  if (!isTrouble(answer)) return answer
  if (last === undefined) throw new Error('a trouble without a refusal')
  return last
}

/** The same client; whoever is given it need not know of limits. A request whose answer was lost is sent again. */
export function patientGhes(ghes: GhesRequests, patiently: Patiently): GhesRequests {
  return {
    ask: (...request) => patientAnswer(patiently, () => ghes.ask(...request)),
    list: (...request) => patientAnswer(patiently, () => ghes.list(...request)),
    query: (...request) => patientAnswer(patiently, () => ghes.query(...request)),
  }
}
