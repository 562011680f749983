// The answers on a connection, read from the bytes that have come so far: as node:http writes them, and proxies.

export type Answer = {
  status: number
  body: string
  /** The other side ends the connection with it. */
  isLast: boolean
}

/** The whole ones among them, in their order. `text`: bytes as latin1. */
export function answersIn(text: string): Answer[] {
  const answers: Answer[] = []
  for (let from = 0; ; ) {
    const read = answerAt(text, from)
    if (read === undefined) return answers
    answers.push(read.answer)
    from = read.end
  }
}

function answerAt(text: string, from: number): { answer: Answer; end: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n', from)
  if (headEnd === -1) return undefined
  const head = text.slice(from, headEnd + 2)
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0)
  const isLast = /\r\nconnection: *close\r\n/i.test(head)
  const begin = headEnd + 4
  const body = /\r\ntransfer-encoding: *chunked\r\n/i.test(head)
    ? chunksAt(text, begin)
    : bytesAt(text, begin, Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? 0))
  if (body === undefined) return undefined
  return { answer: { status, isLast, body: Buffer.from(body.text, 'latin1').toString('utf8') }, end: body.end }
}

function bytesAt(text: string, begin: number, length: number): { text: string; end: number } | undefined {
  const end = begin + length
  return end > text.length ? undefined : { text: text.slice(begin, end), end }
}

function chunksAt(text: string, begin: number): { text: string; end: number } | undefined {
  let body = ''
  for (let at = begin; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    const length = lineEnd === -1 ? Number.NaN : Number.parseInt(text.slice(at, lineEnd), 16)
    const chunk = Number.isNaN(length) ? undefined : bytesAt(text, lineEnd + 2, length + 2)
    if (chunk === undefined) return undefined
    if (length === 0) return { text: body, end: chunk.end }
    body += chunk.text.slice(0, -2)
    at = chunk.end
  }
}
