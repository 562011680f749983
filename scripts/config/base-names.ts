// How the files that a glob matches may be called.

export const HAS_GLOB = /[*?[\]{}()!+@\\]/

/** `baseNames`: what the last part of a glob says without a wildcard. `hasWildNames`: some glob's last part has one, or may have. */
export function baseNamesOf(globs: readonly string[]): { baseNames: string[]; hasWildNames: boolean } {
  const names = globs.flatMap(withoutBraces).map(glob => (glob.startsWith('!') ? '*' : (glob.split('/').at(-1) ?? '')))
  return {
    baseNames: [...new Set(names.filter(name => !HAS_GLOB.test(name)))],
    hasWildNames: names.some(name => HAS_GLOB.test(name)),
  }
}

/** `catalog-info.{yaml,yml}` is two names. Braces in braces are left as they are. */
export function withoutBraces(glob: string): string[] {
  const [all, before = '', inside = '', after = ''] = /^([^{]*)\{([^{}]*,[^{}]*)\}(.*)$/.exec(glob) ?? []
  return all === undefined ? [glob] : inside.split(',').flatMap(one => withoutBraces(`${before}${one}${after}`))
}
