// A step that came to another end than wanted, though GHES refused nothing.

/** Not an error of ours: message and remedy are for the administrator. */
export class Failed extends Error {
  override name = 'Failed'
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}
