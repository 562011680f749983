// The code of what was thrown, such as ENOENT: the one place that knows where errors keep it.

/** `ENOENT`, `ERR_OSSL_…`, a database's SQLSTATE; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'it is not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
  EFBIG: 'it would be larger than a file is allowed to be',
}

/** Why a file cannot be read or written, for a person. A code that is not known stays one. */
export function fileTrouble(error: unknown): string {
  const code = errorCode(error)
  return code === undefined ? (error instanceof Error ? error.message : String(error)) : (FILE_WORDS[code] ?? code)
}
