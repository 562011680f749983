// Whether our module in Backstage has ever reported: from then on it says what the catalog makes of files, and nobody guesses. Kept for all replicas.
import type { Notes } from '../store/ports/coordination.ts'

const MODULE = 'module'
const READING = 'reading'

export type ModuleSeen = {
  seen(): void
  hasReported(): Promise<boolean>
}

export function openModuleSeen(store: Notes, onTrouble: (error: unknown) => void): ModuleSeen {
  let isSeen = false
  let isNoted = false
  return {
    seen() {
      isSeen = true
      if (isNoted) return
      isNoted = true
      store.setNote(MODULE, 'seen').catch(error => {
        isNoted = false
        onTrouble(error)
      })
    },
    async hasReported() {
      isSeen ||= (await store.note(MODULE)) !== undefined
      return isSeen
    },
  }
}

/** Whether what the catalog makes of files is read from outside now, by any replica. */
export const isCatalogRead = async (store: Pick<Notes, 'note'>): Promise<boolean> =>
  (await store.note(READING)) === 'on'

export const noteCatalogRead = (store: Pick<Notes, 'setNote'>, isOn: boolean): Promise<void> =>
  store.setNote(READING, isOn ? 'on' : 'off')
