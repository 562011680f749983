// npm run demo: it shows the refusal and the refreshes, ends by itself, and leaves nothing behind.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'

const start = join(import.meta.dirname, 'start.mjs')

type Run = { exitCode: number | null; output: string; errors: string }

/** `onOutput` sees everything printed so far, each time something is printed. */
function run(args: string[], onOutput: (output: string, interrupt: () => void) => void = () => {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [start, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', chunk => {
      output += chunk
      onOutput(output, () => child.kill('SIGINT'))
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.once('error', reject)
    child.once('close', exitCode => resolve({ exitCode, output, errors }))
  })
}

async function nothingIsLeft(output: string): Promise<void> {
  const folder = /^ {2}folder +(\S+)$/m.exec(output)?.[1] ?? ''
  assert.notEqual(folder, '', output)
  assert.equal(existsSync(folder), false, `${folder} is still there`)
  // Every process of the demo has the folder in its command line: the relay, git, the hook.
  // They are no children of ours, so there is no event to wait for: what git was killed over ends a moment later, at the latest in a minute.
  const own = () => processes().filter(command => command.includes(folder))
  for (let i = 0; i < 600 && own().length > 0; i++) await setTimeout(100)
  assert.deepEqual(own(), [])
}

/** Command lines of everything that runs (Linux). */
function processes(): string[] {
  if (!existsSync('/proc/self/cmdline')) return []
  const ids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return ids.map(id => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
    } catch {
      return '' // it ended meanwhile
    }
  })
}

suite('npm run demo', { timeout: 600_000 }, () => {
  test('shows a refusal and five refreshes, exits with 0, leaves nothing', async () => {
    const { exitCode, output, errors } = await run([])
    assert.deepEqual([exitCode, errors], [0, ''], output)
    assert.match(output, /STAND-IN, not Backstage/)
    assert.match(output, /\| remote: error: this push was not accepted: 2 problems in catalog-info\.yaml$/m)
    assert.match(output, /\| remote: catalog-info\.yaml:4:9: .*\[name-format\]$/m)
    assert.match(output, /\| {2}! \[remote rejected\] main -> main \(pre-receive hook declined\)$/m)
    const refreshes = output.match(/^ {2}acme\/\w+ +refresh call +\d+ ms after landing: location:default\/generated-/gm)
    assert.equal(refreshes?.length, 5, output)
    await nothingIsLeft(output)
  })

  test('--keep says how to try it by hand, and an interrupt ends it in order', async () => {
    const { exitCode, output, errors } = await run(['--keep'], (printed, interrupt) => {
      if (printed.includes('Refresh calls as they arrive')) interrupt()
    })
    assert.deepEqual([exitCode, errors], [0, ''], output)
    assert.match(output, /git clone \S+\/repositories\/acme\/payments\.git payments/)
    await nothingIsLeft(output)
  })

  test('an interrupt in the middle: exit code 130, nothing left', async () => {
    const { exitCode, output, errors } = await run([], (printed, interrupt) => {
      if (printed.includes('git push')) interrupt()
    })
    assert.deepEqual([exitCode, errors], [130, ''], output)
    await nothingIsLeft(output)
  })

  test('--help and wrong options', async () => {
    const help = await run(['--help'])
    assert.equal(help.exitCode, 0)
    assert.match(help.output, /--real-backstage/)
    const wrong = await run(['--kep'])
    assert.equal(wrong.exitCode, 2)
    assert.match(wrong.errors, /--kep/)
  })
})
