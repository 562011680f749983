// What replicas share, and a restart remembers. A single process has the pace and the lead in its memory.

export type TokenWish = { wanted: number; perSecond: number; burst: number }

export interface Tokens {
  /** One token bucket for all replicas: grants up to `wanted`, and says when the next one is there. */
  takeTokens(bucket: string, wish: TokenWish): Promise<{ granted: number; nextInMs: number }>
}

/** Why a target rests, and until when. */
export type OpenCircuit = { reason: string; untilMs: number }

/** A target's circuit breaker, the same for all replicas. */
export interface Circuits {
  /** Undefined while the target works. */
  circuit(target: string): Promise<OpenCircuit | undefined>
  openCircuit(target: string, open: OpenCircuit): Promise<void>
  closeCircuit(target: string): Promise<void>
  /** Half-open: true for one replica, until that time has run out or the circuit was opened or closed. */
  claimProbe(target: string, leaseMs: number): Promise<boolean>
}

export interface Leads {
  /** True for one holder at a time, for so long; asked again by the one who leads, it is longer. */
  lead(task: string, holder: string, leaseMs: number): Promise<boolean>
  resign(task: string, holder: string): Promise<void>
}

/** What another replica has said last, and how long ago by the store's own clock. */
export type Word = { from: string; text: string; ageMs: number }

export interface Words {
  /** What we say takes the place of what we said before; returns what the others have said within `keptMs`. What is older is forgotten. One question to the store. */
  exchange(topic: string, mine: { from: string; text: string }, keptMs: number): Promise<Word[]>
}

export interface Notes {
  /** A small text under a name: the cursor of a sweep, the report of a reconcile. */
  note(name: string): Promise<string | undefined>
  setNote(name: string, text: string): Promise<void>
}
