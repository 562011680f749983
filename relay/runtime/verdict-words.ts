// A verdict of the catalog in one sentence: on the page, in the chat, as a commit status.

type Verdict = {
  result: 'accepted' | 'refused' | 'conflict' | 'unreadable' | 'mixed'
  files: readonly { path: string; result: string; errors?: readonly string[]; heldBy?: string }[]
  afterMs: number
  by?: 'reading'
}

const WORDS = {
  refused: 'refused by the catalog',
  conflict: 'conflict',
  unreadable: 'the catalog could not read it',
  mixed: 'not all of it is in the catalog',
}

/** Seen from outside, where the catalog itself says nothing. */
const AS_READ = 'as far as can be read, '

export const notKnownWords = ({ words }: { words: string }): string =>
  `what the catalog has made of it is not known: ${words}`

export function verdictWords(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'the catalog has not said anything yet'
  return `${verdict.by === undefined ? '' : AS_READ}${ownWords(verdict)}`
}

function ownWords(verdict: Verdict): string {
  const { result, files, afterMs } = verdict
  if (result === 'accepted') return `in the catalog after ${(afterMs / 1000).toFixed(1)} s`
  const bad = files.find(file => file.result !== 'accepted')
  const holder = bad?.heldBy?.replace(/^url:/, '')
  const words =
    result === 'conflict' && holder !== undefined ? `conflict with ${holder}, which has the name` : WORDS[result]
  return [words, bad?.path, bad?.errors?.[0]].filter(Boolean).join(': ')
}
