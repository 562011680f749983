// Random and nearly right inputs: nothing is thrown, nothing hangs, the output is bounded, and the verdict is the catalog's.
//
// FUZZ_SECONDS (60) and FUZZ_SEED (from the clock, printed) choose how long and which; the same seed gives the same inputs.
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { faultsOf, inputOf } from './fuzz-one.ts'

type Share = { seed: number; from: number; step: number; ms: number }
type Result = { inputs: number; faults: string[] }

async function work({ seed, from, step, ms }: Share): Promise<Result> {
  const end = performance.now() + ms
  const result: Result = { inputs: 0, faults: [] }
  for (let index = from; performance.now() < end && result.faults.length < 10; index += step) {
    const input = inputOf(seed, index)
    result.inputs++
    for (const fault of await faultsOf(input))
      result.faults.push(
        `seed ${seed}, index ${index} (${input.kind}): ${fault}\n${JSON.stringify(input.bytes.toString('utf8').slice(0, 2000))}`,
      )
  }
  return result
}

function inWorker(share: Share): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

if (isMainThread) {
  test('whatever comes in, an answer comes out', async t => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Date.now() / 1000))
    const ms = 1000 * Number(process.env['FUZZ_SECONDS'] ?? 60)
    const step = Math.min(availableParallelism(), 8)
    const results = await Promise.all(Array.from({ length: step }, (_, from) => inWorker({ seed, from, step, ms })))
    const inputs = results.reduce((sum, result) => sum + result.inputs, 0)
    t.diagnostic(`FUZZ_SEED=${seed}: ${inputs} inputs in ${ms / 1000} s`)
    const faults = results.flatMap(result => result.faults)
    assert.equal(faults.length, 0, `\n${faults.slice(0, 5).join('\n\n')}`)
    assert.ok(inputs > 0)
  })
} else parentPort?.postMessage(await work(workerData as Share))
