// The lines of a text, counted as far as is asked: all beginnings of a million lines would take 30 MB.

export type Lines = {
  /** Both from 1. */
  linePos: (offset: number) => { line: number; col: number }
  /** A line without its end; empty where there is none. */
  lineAt: (line: number) => string
}

/** Of every so many lines the beginning is kept. */
const LINES_A_MARK = 64

export function linesOf(text: string): Lines {
  /** Where every 64th line begins. */
  const marks = [0]
  let counted = 1
  let next = text.indexOf('\n')
  const countTo = (offset: number, line: number) => {
    for (; next !== -1 && next < offset && counted < line; next = text.indexOf('\n', next + 1)) {
      if (counted % LINES_A_MARK === 0) marks.push(next + 1)
      counted++
    }
  }
  return {
    linePos(offset) {
      countTo(offset, Number.POSITIVE_INFINITY)
      const mark = lastAtOrBefore(marks, offset)
      let start = marks[mark] ?? 0
      let line = mark * LINES_A_MARK + 1
      for (let end = text.indexOf('\n', start); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
        start = end + 1
        line++
      }
      return { line, col: offset - start + 1 }
    },
    lineAt(line) {
      countTo(Number.POSITIVE_INFINITY, line)
      if (line > counted) return ''
      const mark = Math.floor((line - 1) / LINES_A_MARK)
      let start = marks[mark] ?? 0
      for (let at = mark * LINES_A_MARK + 1; at < line; at++) start = text.indexOf('\n', start) + 1
      const end = text.indexOf('\n', start)
      return text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '')
    },
  }
}

function lastAtOrBefore(marks: readonly number[], offset: number): number {
  let [low, high] = [0, marks.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((marks[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
