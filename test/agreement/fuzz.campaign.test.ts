// Random and nearly right inputs: nothing is thrown, nothing hangs, the output is bounded, and the verdict is the catalog's.
//
// A seed and an index give the same input everywhere. FUZZ_SECONDS: as many inputs as it allows, for a search by hand.
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { isWhole, rounds, seed } from '../support/campaign.ts'
import { faultsOf, inputOf } from './fuzz-one.ts'

type Share = { seed: number; from: number; step: number; ms: number; until: number }
type Result = { inputs: number; faults: string[] }

async function work({ seed, from, step, ms, until }: Share): Promise<Result> {
  const end = performance.now() + ms
  const result: Result = { inputs: 0, faults: [] }
  for (let index = from; index < until && performance.now() < end && result.faults.length < 10; index += step) {
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
    const seconds = process.env['FUZZ_SECONDS']
    const ms = seconds === undefined ? Number.POSITIVE_INFINITY : 1000 * Number(seconds)
    const until = seconds === undefined ? rounds(150, 50_000) : Number.POSITIVE_INFINITY
    const started = performance.now()
    // For a few inputs a worker costs more than they do: it loads the catalog's code again.
    const step = isWhole || seconds !== undefined ? Math.min(availableParallelism(), 8) : 1
    const shares = Array.from({ length: step }, (_, from) => ({ seed, from, step, ms, until }))
    const results = await Promise.all(shares.map(step === 1 ? work : inWorker))
    const inputs = results.reduce((sum, result) => sum + result.inputs, 0)
    t.diagnostic(`seed ${seed}: ${inputs} inputs in ${Math.round((performance.now() - started) / 1000)} s`)
    const faults = results.flatMap(result => result.faults)
    assert.equal(faults.length, 0, `\n${faults.slice(0, 5).join('\n\n')}`)
    assert.ok(inputs > 0)
  })
} else parentPort?.postMessage(await work(workerData as Share))
