// The file beside the hooks that makes them only warn: `catalog-gate pause` writes it, `resume` takes it away, and a hook looks for it at each push.

export const PAUSE_FILE = 'catalog-gate.paused'

/** Who, when (ISO 8601), why. Empty where the file does not tell. */
export type Pause = { by: string; at: string; reason: string }

export const writePause = (pause: Pause): string => `${JSON.stringify(pause, null, 2)}\n`

/** Whatever stands in it, it pauses: so it is meant. */
export function readPause(text: string): Pause {
  let data: Partial<Record<keyof Pause, unknown>> | null
  try {
    data = JSON.parse(text)
  } catch {
    data = null
  }
  const field = (name: keyof Pause) => {
    const value = data?.[name]
    return typeof value === 'string' ? value.slice(0, 500) : ''
  }
  return { by: field('by'), at: field('at'), reason: field('reason') }
}

/** `mona, since 2026-11-27T20:05Z: Backstage refuses good files`, as far as it is known. */
export const pauseText = ({ by, at, reason }: Pause): string =>
  `${by || 'somebody'}${at ? `, since ${at.slice(0, 16)}Z` : ''}${reason ? `: ${reason}` : ''}`
