// Many documents against the reference: in worker threads, since one core would take twice as long.
import { availableParallelism } from 'node:os'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Comparison, compare, type Difference, PROFILES } from './compare.ts'
import { mutant } from './mutants.ts'

export type Told = Difference & { seed: number; index: number; operators: string[]; text: string }
export type Totals = Omit<Comparison, 'differences'> & { files: number; differences: Told[] }
type Share = { seeds: readonly number[]; count: number; from: number; step: number }

const nothing = (): Totals => ({
  files: 0,
  documents: 0,
  templated: 0,
  unread: 0,
  accepted: 0,
  rejected: 0,
  differences: [],
})

/** `count` files of every seed, in both profiles. */
export async function run(seeds: readonly number[], count: number): Promise<Totals> {
  const step = Math.min(availableParallelism(), 8)
  const shares = Array.from({ length: step }, (_, from) => inWorker({ seeds, count, from, step }))
  return (await Promise.all(shares)).reduce(sum, nothing())
}

function inWorker(share: Share): Promise<Totals> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', code => code === 0 || reject(new Error(`a worker ended with ${code}`)))
  })
}

async function work({ seeds, count, from, step }: Share): Promise<Totals> {
  let totals = nothing()
  for (const seed of seeds) {
    for (let index = from; index < count; index += step) totals = sum(totals, await compareOne(seed, index))
  }
  return totals
}

async function compareOne(seed: number, index: number): Promise<Totals> {
  const { bytes, operators } = mutant(seed, index)
  let totals = { ...nothing(), files: 1 }
  for (const profile of PROFILES) {
    const comparison = await compare(bytes, profile)
    const differences = comparison.differences.map(difference => ({
      ...difference,
      seed,
      index,
      operators,
      text: bytes.toString('utf8'),
    }))
    totals = sum(totals, { ...comparison, files: 0, differences })
  }
  return totals
}

function sum(a: Totals, b: Totals): Totals {
  return {
    files: a.files + b.files,
    documents: a.documents + b.documents,
    templated: a.templated + b.templated,
    unread: a.unread + b.unread,
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    // As many as a person reads; each can be made again from its seed and index.
    differences: [...a.differences, ...b.differences].slice(0, 50),
  }
}

/** A difference with all that is needed to see it again. */
export function describeDifference({ profile, document, catalog, ours, seed, index, operators, text }: Told): string {
  const shown = text.length > 3000 ? `${text.slice(0, 3000)}\n… ${text.length} characters` : text
  return [
    `seed ${seed}, index ${index}, document ${document}, profile ${profile} (${operators.join(', ') || 'unbroken'})`,
    `  catalog: ${catalog.slice(0, 500)}`,
    `  ours:    ${ours.slice(0, 500)}`,
    shown.replace(/^/gm, '  | '),
  ].join('\n')
}

if (!isMainThread && workerData) parentPort?.postMessage(await work(workerData as Share))
