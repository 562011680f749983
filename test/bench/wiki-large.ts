// `catalog-gate wiki --apply` of a wiki with 1,000 pages and 200 MB of pictures: fetched, turned into docs and pushed, by the built command line.
import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startWikiHost } from '../wiki/wiki-host.ts'
import type { BenchFixture } from './bench-fixture.ts'
import type { Row } from './row.ts'

const commandLine = join(import.meta.dirname, '../../dist/catalog-gate.mjs')
const PAGES = 1000
const PICTURES = 200
const PICTURE_BYTES = 1_000_000

export async function benchWiki(fixture: BenchFixture): Promise<Row[]> {
  const host = await startWikiHost()
  try {
    await host.create('acme/pay', {
      'catalog-info.yaml': 'apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: pay }\n',
    })
    await host.create('acme/pay.wiki', wikiFiles())
    const tokenFile = join(fixture.directory, 'wiki.token')
    await writeFile(tokenFile, host.token, { mode: 0o600 })
    const run = async () => {
      const args = ['wiki', '--repo', 'acme/pay', '--api-url', `${host.url}/api/v3`, '--token-file', tokenFile]
      return measured([commandLine, ...args, '--work', join(fixture.directory, 'wiki-work'), '--apply'])
    }
    const first = await run()
    if (host.pullRequests.get('acme/pay')?.length !== 1) throw new Error(`no pull request was opened:\n${first.output}`)
    const again = await run()
    return [
      row('wiki: 1,000 pages and 200 MB of pictures, the first time', first.ms / 1000, 's', 60),
      row('the most memory of Node and git together meanwhile', first.peakBytes / 1e6, 'MB', 300),
      { what: 'the same wiki again, unchanged', medianMs: again.ms },
    ]
  } finally {
    await host.stop()
  }
}

const row = (what: string, value: number, unit: string, most: number): Row => ({
  ...{
    what,
    figure: `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`,
    target: `<= ${most} ${unit}`,
    isMet: value <= most,
  },
})

function wikiFiles(): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = { 'Home.md': '[[Page 1]]\n' }
  for (let i = 0; i < PAGES - 1; i++)
    files[`Page-${i}.md`] =
      `# Page ${i}\n\nSee [[Page ${(i * 7) % PAGES}]] and ![p](images/${i % PICTURES}.png).\n\n${'Words of a page. '.repeat(150)}\n`
  for (let i = 0; i < PICTURES; i++) files[`images/${i}.png`] = randomFillSync(Buffer.alloc(PICTURE_BYTES))
  return files
}

/** In a process group of its own, whose memory is added up 20 times a second. */
async function measured(args: readonly string[]): Promise<{ ms: number; peakBytes: number; output: string }> {
  const from = performance.now()
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  let peakBytes = 0
  const looking = setInterval(() => {
    peakBytes = Math.max(peakBytes, bytesOfGroup(child.pid ?? 0))
  }, 50)
  const [code] = await once(child, 'close')
  clearInterval(looking)
  if (code !== 0) throw new Error(`catalog-gate wiki ended with ${code}:\n${output}`)
  return { ms: performance.now() - from, peakBytes, output }
}

function bytesOfGroup(group: number): number {
  let sum = 0
  for (const name of readdirSync('/proc').filter(one => /^\d+$/.test(one))) {
    try {
      // After the name in brackets: state, parent, group.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
      // What is not a file that is mapped: git maps whole packs.
      if (Number(fields[2]) === group)
        sum += 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum
}
