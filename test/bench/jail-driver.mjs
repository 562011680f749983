// Runs what it is told, a line of JSON each, and answers with the milliseconds: once outside and once inside a jail. Plain JavaScript, since it is copied into the jail.
import { spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'

for await (const line of createInterface({ input: process.stdin })) {
  const { command, args = [], env, input = '', cwd } = JSON.parse(line)
  const from = process.hrtime.bigint()
  const run = spawnSync(command, args, { input, env, cwd, encoding: 'utf8' })
  const ms = Number(process.hrtime.bigint() - from) / 1e6
  process.stdout.write(
    `${JSON.stringify({ ms, status: run.status, said: `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}` })}\n`,
  )
}
