// npm run test:backstage [-- FILE…]: installs the real Backstage when it is not there, and runs the tests of this folder, or those whose names hold one of the words.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runsUnderOwnNode } from '../../scripts/cli/own-node.mjs'

const INSTALLS = ['home.test.ts', 'module.test.ts']

if (await runsUnderOwnNode('this test')) {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { installBackstage } = await import('./install.ts')
  await installBackstage(line => console.log(line))
  const wanted = process.argv.slice(2).map(word => basename(word))
  const files = readdirSync(folder).filter(
    name => name.endsWith('.test.ts') && (wanted.length === 0 || wanted.some(word => name.includes(word))),
  )
  if (files.length === 0) throw new Error(`no test file here is called ${wanted.join(' or ')}`)
  let running
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => running?.kill(signal))
  const run = async (names, atATime) => {
    if (names.length === 0) return 0
    const words = ['--test', '--test-reporter=spec', `--test-concurrency=${atATime}`]
    running = spawn(process.execPath, [...words, ...names.map(name => `${folder}${name}`)], { stdio: 'inherit' })
    return new Promise(resolve => running.once('close', code => resolve(code ?? 1)))
  }
  // They install our package beside Backstage's, which no other backend should meet at its start.
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
