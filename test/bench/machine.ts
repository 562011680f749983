// What the figures were measured on: a table without it means nothing.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'

export function machine(): string {
  const [cpu] = cpus()
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim()
  const [load = 0] = loadavg()
  return [
    `${cpu?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
    `Node ${process.versions.node}, ${git}, load average at the start ${load.toFixed(2)}`,
  ].join('\n')
}
