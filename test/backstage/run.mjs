// npm run test:backstage: installs the real Backstage when it is not there, and runs the tests of this folder.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runsUnderOwnNode } from '../../scripts/cli/own-node.mjs'

const INSTALLS = ['home.test.ts']

if (await runsUnderOwnNode('this test')) {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { installBackstage } = await import('./install.ts')
  await installBackstage(line => console.log(line))
  const files = readdirSync(folder).filter(name => name.endsWith('.test.ts'))
  let running
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => running?.kill(signal))
  const run = async (names, atATime) => {
    const words = ['--test', '--test-reporter=spec', `--test-concurrency=${atATime}`]
    running = spawn(process.execPath, [...words, ...names.map(name => `${folder}${name}`)], { stdio: 'inherit' })
    return new Promise(resolve => running.once('close', code => resolve(code ?? 1)))
  }
  // It installs our package beside Backstage's, which no other backend should meet at its start.
  const alone = await run(
    files.filter(name => INSTALLS.includes(name)),
    1,
  )
  // Backends wait more than they work.
  const others = await run(
    files.filter(name => !INSTALLS.includes(name)),
    2,
  )
  process.exitCode = alone || others
}
