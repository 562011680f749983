// A real Chromium for tests of pages: the system's own, since downloads of browsers need a network.
import { accessSync, constants } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return path !== ''
  } catch {
    return false
  }
}
