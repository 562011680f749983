// npm's "prepare": builds a clone that is installed as a package, by pre-commit or `npm install -g git+...`, since dist/ is not in git.
//
// Not on `npm ci`, where a developer or CI builds when they want to. Plain JavaScript: whatever Node is there runs it.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const isBuilt = existsSync(new URL('../dist/catalog-gate.mjs', import.meta.url))
if (process.env.npm_command !== 'ci' && !isBuilt) {
  const build = fileURLToPath(new URL('../build.mjs', import.meta.url))
  // To standard error: pre-commit takes what `npm pack` writes to standard output for the name of a file.
  const { status } = spawnSync(process.execPath, [build], { stdio: ['ignore', 2, 2] })
  process.exitCode = status ?? 3
}
