// What is looked at again and again: the next look a while after the last one has ended, whatever became of that.

/** `onTrouble` hears what a look has thrown. Returns how to end it. */
export function repeated(everyMs: number, look: () => Promise<void>, onTrouble: (error: unknown) => void): () => void {
  let isEnded = false
  const again = async () => {
    await look().catch(onTrouble)
    if (!isEnded) timer = setTimeout(again, everyMs)
  }
  let timer = setTimeout(again, everyMs)
  return () => {
    isEnded = true
    clearTimeout(timer)
  }
}
