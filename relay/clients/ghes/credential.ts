// By what GHES knows us: whatever gives the header of a request.

export type Credential = {
  /** The value of `authorization`, asked for before every request: a token that was put into its file counts at once. */
  authorize(): Promise<string>
}

export const tokenCredential = (token: () => string): Credential => ({
  authorize: async () => `Bearer ${token()}`,
})
