// The nearest word to one that was not understood: "did you mean …?"

/** Damerau-Levenshtein distance (optimal string alignment), given up beyond `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    if (Math.min(...row) > limit) return limit + 1
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The known words close enough to be meant, nearest first: equal but for case, or within a quarter of the length, and `most` changes at the most. */
export function nearest(word: string, known: Iterable<string>, most = Number.POSITIVE_INFINITY): string[] {
  // A word of 64 characters or more is no typo of a field name, and the distance costs length squared.
  if (word.length > 64) return []
  const limit = Math.min(most, Math.max(1, Math.floor(word.length / 4)))
  const lower = word.toLowerCase()
  return [...known]
    .map(candidate => ({
      candidate,
      far: candidate.toLowerCase() === lower ? 0 : distance(lower, candidate.toLowerCase(), limit),
    }))
    .filter(({ candidate, far }) => far <= limit && candidate !== word)
    .sort((a, b) => a.far - b.far)
    .map(({ candidate }) => candidate)
}
