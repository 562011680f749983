// A real Chromium for tests of pages: the system's own, since downloads of browsers need a network.
import assert from 'node:assert/strict'
import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export function startChromium(): Promise<Browser> {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...PLACES].find(isExecutable)
  if (executablePath === undefined)
    throw new Error(
      `no Chromium found in ${PLACES.join(', ')}; on Debian: apt-get install chromium, or name one in CHROMIUM`,
    )
  // Without its own sandbox: tests run as root, where it does not start, and visit pages of our own only.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/** Rules of WCAG 2 A and AA that a machine can check. Evaluated by the debugger, so that the page's own policy stays as it is. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe)
  const violations = await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(node => node.html).join(' ')))`,
  )
  assert.deepEqual(violations, [])
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
