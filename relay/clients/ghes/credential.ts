// By what GHES knows us: whatever gives the header of a request.
import type { Refusal } from './refusal.ts'

export type Credential = {
  /**
   * The value of `authorization`, asked for before every request: a token that was put into its file counts at once. `owner`: the organization or user whom
   * the request is about, where it is about one. A refusal: there is none to be had.
   */
  authorize(owner: string | undefined): Promise<string | Refusal>
  /** GHES has answered 401 to it. True when it is worth another try, with what `authorize` gives now. */
  refused?(owner: string | undefined): boolean
  close?(): Promise<void>
}

export const tokenCredential = (token: () => string): Credential => ({
  authorize: async () => `Bearer ${token()}`,
})
