// The hook as in GHES's sandbox: namespaces, nsjail's limits, a filter that kills, the guard; in a built environment, or among this machine's programs.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../git/run-git.ts'
import { shellWord, type TemporaryRepositories } from './temporary-repositories.ts'

export type JailInputs = {
  folder: string
  repositories: TemporaryRepositories
  hook: string
  objects: readonly string[]
  environment?: string
}

/** `enter` is a piece of sh that ends in the hook; `what` says what it is. */
export type Jail = { result: 'jail'; enter: string; what: string } | { result: 'none'; reason: string }

/** In the sources beside this file and scripts/environment; in a build all in dist/environment. */
function partOf(name: string): string | undefined {
  const here = import.meta.dirname
  return [join(here, name), join(here, '../environment', name), join(here, 'environment', name)].find(file =>
    existsSync(file),
  )
}

export async function makeJail({ folder, repositories, hook, objects, environment }: JailInputs): Promise<Jail> {
  const [script, filter, guard] = [partOf('jail.sh'), partOf('seccomp-kill.c'), partOf('sandbox-guard.c')]
  if (script === undefined || filter === undefined || guard === undefined)
    return none('its parts are not beside this program; npm run build makes them')
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return none(`it needs Linux x64, this is ${process.platform}`)
  const refused = await whyNoNamespace(folder)
  if (refused !== undefined) return none(refused)

  const root = environment === undefined ? '/' : join(folder, 'environment')
  const parts = environment === undefined ? join(folder, 'jail') : join(root, 'test')
  if (environment !== undefined) {
    mkdirSync(root)
    const unpacked = await run(folder, 'tar', ['--extract', '--gzip', '--file', environment, '--directory', root])
    if (unpacked.exitCode !== 0)
      return none(`${environment} cannot be unpacked: ${unpacked.stderr.trim().split('\n')[0]}`)
    for (const path of [repositories.bare, ...objects]) mkdirSync(join(root, path), { recursive: true })
  }
  mkdirSync(parts)
  const failed =
    (await compile(filter, join(parts, 'seccomp-kill'), ['-static'])) ??
    (await compile(guard, join(parts, 'sandbox-guard.so'), ['-shared', '-fPIC', '-ldl']))
  if (failed !== undefined) return none(failed)
  copyFileSync(hook, join(parts, 'catalog-gate'))
  const inside = environment === undefined ? parts : '/test'
  const settings: Record<string, string> = {
    JAIL_ROOT: root,
    JAIL_FILTER: 'kill',
    JAIL_FILTERS: inside,
    JAIL_LIMITS: 'nsjail64',
    JAIL_PROC: 'yes',
    JAIL_DEV: 'yes',
    JAIL_READONLY: 'no',
    JAIL_USER: 'root',
    JAIL_BINDS: objects.join('\n'),
  }
  const exports = Object.entries(settings).map(([name, value]) => `export ${name}=${shellWord(value)}`)
  // An environment has its own guard, where the hook looks for it.
  const preload = environment === undefined ? `env LD_PRELOAD=${shellWord(join(inside, 'sandbox-guard.so'))} ` : ''
  // Entered once with nothing to do: what fails then is the jail, not the hook.
  const env = { ...process.env, ...settings }
  const entered = await run(repositories.bare, script, [`${inside}/seccomp-kill`, '/bin/sh', '-c', ':'], { env })
  if (entered.exitCode !== 0) return none(`it cannot be entered: ${entered.stderr.trim().split('\n')[0]}`)
  return {
    result: 'jail',
    enter: [...exports, `exec ${shellWord(script)} ${preload}${shellWord(`${inside}/catalog-gate`)}`].join('\n'),
    what: `namespaces, nsjail's limits, a filter that kills, the guard; ${environment === undefined ? "this machine's programs" : `inside ${environment}`}`,
  }
}

const none = (reason: string): Jail => ({ result: 'none', reason })

async function whyNoNamespace(folder: string): Promise<string | undefined> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  try {
    const { exitCode } = await run(folder, 'unshare', [
      ...asRoot,
      '--mount',
      '--pid',
      '--ipc',
      '--uts',
      '--fork',
      'true',
    ])
    if (exitCode === 0) return undefined
    return asRoot.length === 0
      ? 'namespaces are not allowed here'
      : 'it needs root, since user namespaces are not allowed here'
  } catch {
    return 'it needs unshare (util-linux)'
  }
}

async function compile(source: string, out: string, flags: readonly string[]): Promise<string | undefined> {
  try {
    const { exitCode, stderr } = await run('/', process.env['CC'] ?? 'cc', ['-O1', '-o', out, source, ...flags])
    return exitCode === 0 ? undefined : `${source} cannot be compiled: ${stderr.trim().split('\n')[0]}`
  } catch {
    return 'it needs a C compiler (cc)'
  }
}
