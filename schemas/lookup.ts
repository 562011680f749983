// What a hook asks of the live catalog while it checks, and the answer. Wire form of the request: lookup-request.schema.json.

export type LookupRequest = {
  version: 1
  /** OWNER/NAME */
  repository: string
  /** refs/heads/… */
  ref: string
  /** What the push declares, each with the path of its file in the repository. */
  entities: { ref: string; path: string }[]
  /** What it refers to, `kind:namespace/name`. */
  references: string[]
}

export type LookupAnswer = {
  /** References to nothing that the catalog knows; `nearest`: what may be meant, the nearest first. */
  unknown: { ref: string; nearest: string[] }[]
  /** Declared entities that another file holds: its URL. */
  taken: { ref: string; by: string }[]
  /** When the catalog was last listed, ISO 8601. */
  asOf: string
}
