// The code of what was thrown, such as ENOENT: the one place that knows where errors keep it.

/** `ENOENT`, `ERR_OSSL_…`, a database's SQLSTATE; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
