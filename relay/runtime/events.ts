// What the parts of the relay tell about themselves, for whoever counts it. Never a name of a repository, a URL, a token or a body.

/** Why a call was made. `contact`: to see at the start whether somebody answers. `compare` is a landing check's second question. */
export type CallPurpose =
  | 'contact'
  | 'landing'
  | 'compare'
  | 'reconcile'
  | 'sweep'
  | 'refresh'
  | 'look-up'
  | 'register'
  | 'unregister'
  | 'entity'
  | 'status'

/**
 * Who is called, by the name that stands in the store's circuits, in /v1/status and on the labels of the metrics. GHES stays `ghe` there:
 * a renamed one would lose an open circuit at an update, and every dashboard and alert that asks for it.
 */
export type TargetName = 'ghe' | 'backstage'

export type ObservedCall = {
  target: TargetName
  purpose: CallPurpose
  /** Undefined when the call came to no answer: refused, timed out, cut off. */
  status: number | undefined
  durationMs: number
}

/** On the way in. */
export type RequestRoute = 'pushes' | 'github' | 'lookups' | 'verdicts' | 'locations' | 'repositories'

export type RelayEvent =
  /** A request on the way in was answered. `taken` says what it was: stored, known, accepted, ignored; `why`, in our words, what was wrong with its signature. */
  | { event: 'request'; route: RequestRoute; status: number; taken?: string; why?: string }
  /** GHES has answered, or could not. */
  | { event: 'landing'; result: 'landed' | 'pending' | 'unanswered' | 'gone' | 'broken'; sinceReceivedMs: number }
  /** Pushes that GHES has proved by webhook. */
  | { event: 'reported'; landed: number }
  /** What came of one attempt. `forwarded`: a refresh or a registration; `nothing`: the catalog need not know the file. `held up`: our set-up, or a limit; `broken`: a fault of ours; `lost`: the lease ended before the work. */
  | {
      event: 'job'
      result:
        | 'forwarded'
        | 'unregistered'
        | 'nothing'
        | 'unknown'
        | 'compared'
        | 'asked'
        | 'retry'
        | 'held up'
        | 'broken'
        | 'dead'
        | 'lost'
      sinceReceivedMs: number
    }
  | ({ event: 'call' } & ObservedCall)
  /** A reconcile has ended. Drift: files that had changed unheard-of. */
  | {
      event: 'reconcile'
      result: 'complete' | 'partial' | 'interrupted'
      drift: number
      firstSeen: number
      redelivered: number
    }
  | { event: 'leases ended'; count: number }
  /** A message to the chat was taken, or was not: it is tried again. */
  | { event: 'chat'; result: 'sent' | 'failed' }
  /** The catalog has said what it has made of a push. `sinceReceivedMs`: until it had it. */
  | { event: 'verdict'; result: string; sinceReceivedMs: number }
  /** What it has made of one was seen from outside, or was not ("not known"). */
  | { event: 'read'; result: string }

export type Tell = (event: RelayEvent) => void

/** Everyone who listens hears of everything that is told from then on. */
export type Events = { tell: Tell; listen: (listener: Tell) => void }

export function openEvents(): Events {
  const listeners: Tell[] = []
  return {
    tell(event) {
      for (const listener of listeners) listener(event)
    },
    listen: listener => void listeners.push(listener),
  }
}
