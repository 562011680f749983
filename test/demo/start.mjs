// npm run demo. Plain JavaScript, so that whatever Node is on the machine can start it.
import { runsUnderOwnNode } from '../support/own-node.mjs'

if (await runsUnderOwnNode()) {
  const { demo } = await import('./demo.ts')
  process.exit(await demo(process.argv.slice(2)))
}
