// npm run test:backstage: installs the real Backstage when it is not there, and runs the tests of this folder.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runsUnderOwnNode } from '../../scripts/cli/own-node.mjs'

if (await runsUnderOwnNode('this test')) {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { installBackstage } = await import('./install.ts')
  await installBackstage(line => console.log(line))
  const files = readdirSync(folder).filter(name => name.endsWith('.test.ts'))
  // One file after the other: two Backstages at once on a small machine only measure each other.
  const args = ['--test', '--test-reporter=spec', '--test-concurrency=1', ...files.map(name => `${folder}${name}`)]
  const tests = spawn(process.execPath, args, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => tests.kill(signal))
  process.exitCode = await new Promise(resolve => tests.once('close', code => resolve(code ?? 1)))
}
