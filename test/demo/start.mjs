// npm run demo. Plain JavaScript, so that whatever Node is on the machine can start it.
import { runsUnderOwnNode } from '../../scripts/cli/own-node.mjs'

if (await runsUnderOwnNode('the demo')) {
  const { demo } = await import('./demo.ts')
  process.exit(await demo(process.argv.slice(2)))
}
