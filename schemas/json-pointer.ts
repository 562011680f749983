// JSON pointers (RFC 6901): places in a document, as ajv and `$ref` name them.

/** The keys on the way: `/spec/a~1b` → `spec`, `a/b`. What stands before the first slash is none. */
export const keysOfPointer = (pointer: string): string[] => pointer.split('/').slice(1).map(keyOfPart)

/** The key that a part of a pointer stands for. */
export const keyOfPart = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')

/** A key as a part of a pointer, without the slash. */
export const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
