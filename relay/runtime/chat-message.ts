// What a chat is told. A contract with whoever reads it by a program: the table is in relay/README.md.

/** Sent as it is. `text` is all that most chats show; the rest is for whoever reads it by a program. */
export type ChatMessage = {
  text: string
  event: 'dead' | 'bypass' | 'refused' | 'down' | 'works'
  /** ISO 8601. */
  at: string
  /** Of `dead`, `bypass` and `refused`: the latest of them, at most ten. */
  pushes?: {
    id: string
    repository: string
    ref: string
    after: string
    pusher?: string
    reason?: string
    bypass?: string
    commitUrl: string
  }[]
  /** How many pushes it is about. */
  count?: number
  /** Of `down` and `works`. */
  target?: 'ghe' | 'backstage'
  reason?: string
}

export type Said = { result: 'said' } | { result: 'failed'; reason: string }
export type Say = (message: ChatMessage) => Promise<Said>
