// npm run bench [-- NAME…]: measures, and prints a table. NAME is a bench's file name, or its beginning: hook, hook-start, relay.
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { benchAgreement } from './agreement.ts'
import { type BenchFixture, openBench } from './bench-fixture.ts'
import { benchBundleSize } from './bundle-size.ts'
import { benchCheckStart } from './check-start.ts'
import { benchHookJail } from './hook-jail.ts'
import { benchHookLarge } from './hook-large.ts'
import { benchHookLookups } from './hook-lookups.ts'
import { benchHookStart } from './hook-start.ts'
import { benchHookTrouble } from './hook-trouble.ts'
import { benchHostile } from './hostile.ts'
import { machine } from './machine.ts'
import { ROUNDS } from './measure.ts'
import { type Row, table } from './row.ts'
import { benchWiki } from './wiki-large.ts'

type Bench = (fixture: BenchFixture) => Promise<Row[]>

const benches: Record<string, Bench> = {
  'hook-start': benchHookStart,
  'hook-trouble': benchHookTrouble,
  'hook-large': benchHookLarge,
  'hook-lookups': benchHookLookups,
  'hook-jail': benchHookJail,
  'check-start': benchCheckStart,
  agreement: benchAgreement,
  hostile: benchHostile,
  'bundle-size': benchBundleSize,
  'wiki-large': benchWiki,
}

/** The relay's benches are found by their files: each exports functions whose names begin with `bench`. */
async function relayBenches(): Promise<Record<string, Bench>> {
  const found: Record<string, Bench> = {}
  for (const file of globSync('relay-*.ts', { cwd: import.meta.dirname }).sort()) {
    const module = (await import(join(import.meta.dirname, file))) as Record<string, unknown>
    const functions = Object.entries(module).filter(
      ([name, value]) => /^bench/.test(name) && typeof value === 'function',
    )
    if (functions.length > 0) {
      found[basename(file, '.ts')] = async fixture => {
        const rows: Row[] = []
        for (const [, bench] of functions) rows.push(...((await (bench as Bench)(fixture)) ?? []))
        return rows
      }
    }
  }
  return found
}

/** Exit code: 0 measured, whether or not the targets are met; 1 something is broken; 2 no such bench. */
async function main(names: readonly string[]): Promise<number> {
  const all = { ...benches, ...(await relayBenches()) }
  const chosen = Object.entries(all).filter(
    ([name]) => names.length === 0 || names.some(wanted => name.startsWith(wanted)),
  )
  const unknown = names.filter(wanted => !Object.keys(all).some(name => name.startsWith(wanted)))
  if (unknown.length > 0) {
    console.error(`error: no bench is called ${unknown.join(', ')}; there are: ${Object.keys(all).join(', ')}`)
    return 2
  }
  console.log(
    `${machine()}\n${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${ROUNDS} rounds, interleaved\n`,
  )
  const rows: Row[] = []
  let broken = 0
  for (const [name, bench] of chosen) {
    const fixture = await openBench()
    const from = performance.now()
    try {
      rows.push(...(await bench(fixture)))
      process.stderr.write(`${name}: ${((performance.now() - from) / 1000).toFixed(0)} s\n`)
    } catch (error) {
      broken++
      console.error(`error: ${name} is broken: ${error instanceof Error ? error.stack : error}`)
    } finally {
      await fixture.end()
    }
  }
  console.log(`${table(rows)}\n`)
  return broken > 0 ? 1 : 0
}

process.exit(await main(process.argv.slice(2)))
