// npm run test:campaigns: every campaign in its whole length, made from the committed seed. See --help.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const usage = `usage: npm run test:campaigns [-- --new-seed] [FILE…]

  Runs test/**/*.campaign.test.ts whole; npm test runs them in their small form.
  --new-seed   those that are made from a seed, with one that nobody has tried, a fourth of each. It is printed, and so
               is what it finds; the exit code is 0 whatever that is: an old fault must not hold up an innocent change.
  CAMPAIGN_SEED=N npm run test:campaigns   tries a seed again; the committed one is in test/campaigns.seed`

function run(files: readonly string[], seed?: number): number {
  const env = {
    ...process.env,
    CAMPAIGNS: 'whole',
    ...(seed === undefined ? {} : { CAMPAIGN_SEED: String(seed), CAMPAIGN_SHARE: '0.25' }),
  }
  const words = ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files]
  return spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' }).status ?? 1
}

function withNewSeed(files: readonly string[]): number {
  const seed = Math.floor(Date.now() / 1000)
  console.log(`a new seed: ${seed}`)
  const seeded = files.filter(file => /\bseed\b.*from '.*\/campaign\.ts'/.test(readFileSync(join(root, file), 'utf8')))
  // Node, given no file, would run whatever looks like a test.
  if (seeded.length === 0) {
    console.log('none of them is made from a seed')
    return 0
  }
  const found = run(seeded, seed) !== 0
  console.log(
    found
      ? `\nseed ${seed} found a fault. To see it again: CAMPAIGN_SEED=${seed} npm run test:campaigns -- ${seeded.join(' ')}`
      : `\nseed ${seed} found nothing`,
  )
  return 0
}

const root = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  options: { 'new-seed': { type: 'boolean' }, help: { type: 'boolean' } },
  allowPositionals: true,
})
const files = positionals.length > 0 ? positionals : globSync('test/**/*.campaign.test.ts', { cwd: root }).sort()
if (values.help) console.log(usage)
else process.exitCode = values['new-seed'] ? withNewSeed(files) : run(files)
