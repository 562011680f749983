// Questions of many repositories put together: what is asked for in one turn of the event loop goes out as one question.

/**
 * A function that asks for one thing, made of one that asks for many, `most` at once. One question is under way at a time: parallel ones are what
 * GitHub's secondary limits are about. What `ask` throws, everyone gets who had a part in it; later questions are asked nevertheless.
 */
export function batching<Q, A>(most: number, ask: (asked: Q[]) => Promise<A[]>): (asked: Q) => Promise<A> {
  type Waiting = { asked: Q; resolve: (answer: A) => void; reject: (error: unknown) => void }
  const queue: Waiting[] = []
  let isRunning = false

  const run = async () => {
    // In the next turn, so that all who are ready now have asked.
    await new Promise<void>(resolve => setImmediate(resolve))
    while (queue.length > 0) {
      const batch = queue.splice(0, most)
      try {
        const answers = await ask(batch.map(({ asked }) => asked))
        batch.forEach(({ resolve, reject }, i) => {
          const answer = answers[i]
          if (answer === undefined) reject(new Error('fewer answers than questions'))
          else resolve(answer)
        })
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isRunning = false
  }

  return asked =>
    new Promise<A>((resolve, reject) => {
      queue.push({ asked, resolve, reject })
      if (isRunning) return
      isRunning = true
      void run()
    })
}
