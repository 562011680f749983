// What the live catalog says of a push: the codes, and their words.
import type { CodesOf } from './facts.ts'
import { shown } from './hints.ts'
import { quoted } from './wording.ts'

type Code = 'unknown-ref' | 'name-taken'

export const catalogCodes: CodesOf<Code> = {
  'unknown-ref': {
    severity: 'warning',
    words: ({ ref, nearest: [near] }) => ({
      message: `no ${shown(ref)} in the catalog`,
      hint:
        near === undefined
          ? `correct the name, or bring ${shown(ref)} into the catalog first`
          : `did you mean ${quoted(near, 200)}?`,
    }),
  },
  'name-taken': {
    severity: 'warning',
    words: ({ ref, by }) => ({
      message: `${shown(ref)} is ${ownerOf(by)}: ${shown(by)}; the catalog keeps that one, and drops this one without a word`,
      hint: 'give it a name of your own, or remove it there first',
    }),
  },
}

/** Whose file a URL names. */
function ownerOf(by: string): string {
  const repository = /^https?:\/\/[^/]+\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\//.exec(by)?.[1]
  return repository === undefined ? 'taken' : `${shown(repository)}'s`
}
