// What SQLite says of a statement that failed, as a number: https://sqlite.org/rescode.html.

/** The primary result code, 13 for a full disk; undefined when it is no error of SQLite's. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined
}
