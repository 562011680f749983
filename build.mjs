// npm run build: writes dist/ - the hooks, the relay, the command line, the schema for editors. See --help.
//
// Plain JavaScript, so that whatever Node is on the machine can start it; the work is done by the project's own Node.
import { runsUnderOwnNode } from './scripts/cli/own-node.mjs'

if (await runsUnderOwnNode('the build')) {
  const { compileSchemas } = await import('./schemas/compile.mjs')
  compileSchemas()
  const { build } = await import('./scripts/build/build.ts')
  process.exitCode = await build(process.argv.slice(2))
}
