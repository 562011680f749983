// Installs the Backstage backend of this folder by its own lock file, when it is missing or the lock changed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProcess } from '../support/process.ts'

const folder = import.meta.dirname
const stamp = join(folder, 'node_modules/.installed-lock')

/** Some 900 packages and 475 MB: 20 s with a warm npm cache, some minutes without. */
export async function installBackstage(say: (line: string) => void): Promise<void> {
  const lock = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  const why = existsSync(join(folder, 'node_modules')) ? 'its lock file changed' : 'it is not there yet'
  say(`installing Backstage into test/backstage/node_modules (${why}; about 475 MB) …`)
  // --ignore-scripts: npm would otherwise compile better-sqlite3, which brings its binary along
  const npm = startProcess('npm', ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'], { cwd: folder })
  await npm.gone
  if (npm.ended() !== 'ended with exit code 0')
    throw new Error(`npm ci in test/backstage ${npm.ended()}:\n${npm.output()}`)
  writeFileSync(stamp, lock)
}
