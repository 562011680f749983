// What GHES and our hook say of repositories, as the relay tells our module in Backstage: answer of GET /v1/repositories.

export type HookEnforcement = 'enforced' | 'testing' | 'off'

/** What is left out is not known. */
export type RepositoryFacts = {
  /** OWNER/NAME */
  repository: string
  /** public, internal or private. */
  visibility?: string
  archived?: boolean
  fork?: boolean
  defaultBranch?: string
  topics?: string[]
  /** How GHES runs our hook for it, as an administrator's plan has told. */
  hookEnforcement?: HookEnforcement
  /** When our hook last signed a push of it. ISO 8601. */
  lastPushAt?: string
}

/** `cursor` is where the next question goes on; everything comes to who has none, or one that is not known. */
export type FactsAnswer = {
  cursor: string
  ghes: { host: string; version?: string }
  repositories: RepositoryFacts[]
}
