// Sizes of what is built, from dist/.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { CACHE_MARK } from '../../scripts/check/cached.ts'
import type { Row } from './row.ts'

const dist = join(import.meta.dirname, '../../dist')

export async function benchBundleSize(): Promise<Row[]> {
  return ['hooks/catalog-gate', 'hooks/catalog-validate', 'hooks/catalog-notify', 'relay.mjs', 'check.jsc'].map(
    name => {
      const file = join(dist, name)
      if (!existsSync(file)) return { what: `size of ${name}`, note: 'not built' }
      const bytes = readFileSync(file)
      const at = bytes.indexOf(CACHE_MARK)
      const script = at < 0 ? bytes : bytes.subarray(0, at)
      const isGate = name === 'hooks/catalog-gate'
      return {
        what: `size of ${name}`,
        figure: `${kilobytes(script.length)} kB`,
        note: `${kilobytes(gzipSync(script).length)} kB gzip${at < 0 ? '' : `, and ${kilobytes(bytes.length - script.length)} kB of code cache`}`,
        ...(isGate ? { target: '<= 450 kB', isMet: script.length <= 450_000 } : {}),
      }
    },
  )
}

const kilobytes = (bytes: number) => Math.round(bytes / 1000)
