// Stands in for the Node that a hook starts: the JavaScript half of the built file runs in the test's own process, to the letter as it was built, a tenth of the work.
// Its input, git, the relay, clocks and files are the real ones. That a Node of its own does the same is `hooks/process/`'s to show, and the whole campaigns'.
import childProcess from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net, { type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import { Script } from 'node:vm'
import { isWhole } from '../support/campaign.ts'

export type StandInNode = {
  /** For CATALOG_GATE_NODE. In whole campaigns it is the Node that runs us. */
  program: string
  close(): void
}

/** As Node ends that is killed, and after an error that nothing caught. */
const KILLED = 137
const UNCAUGHT = 1
/** The descriptors of a hook's Node: what the prelude feeds it, what the pusher sees, and the refs that are left. */
const [INPUT, OUTPUT, MORE_REFS] = [0, 1, 3]

export async function openStandInNode(directory: string): Promise<StandInNode> {
  if (isWhole) return { program: process.execPath, close: () => undefined }
  const server = net.createServer(socket => {
    socket.on('error', () => undefined) // killed, as a Node can be
    socket.once('data', pid => answer(Number(pid), socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const program = join(directory, 'stand-in-node')
  fs.writeFileSync(program, callerOf(port), { mode: 0o755 })
  return { program, close: () => server.close() }
}

/** It says who it is, prints what it is told, and ends as it is told. */
const callerOf = (port: number) => `#!/bin/bash
exec 9<>/dev/tcp/127.0.0.1/${port} && printf '%s\\n' $$ >&9 || exit 70
while IFS= read -r -u 9 line; do
  case $line in
    '>'*) printf '%s\\n' "\${line#>}" ;;
    '') exec 9>&-; exec '${process.execPath}' "$@" ;;
    *) exit "$line" ;;
  esac
done
exit ${KILLED}
`

function answer(pid: number, socket: Socket): void {
  const own = `/proc/${pid}`
  // A socket cannot be opened by its name; only where a test gives many refs to a hook itself, and not to git.
  const more = fs.readlinkSync(`${own}/fd/${INPUT}`) && linkAt(`${own}/fd/${MORE_REFS}`)
  if (more?.startsWith('socket:')) return void socket.end('\n')
  const words = fs.readFileSync(`${own}/cmdline`, 'utf8').split('\0').slice(0, -1)
  const args = words.slice(words.indexOf('--') + 1)
  const pairs = fs.readFileSync(`${own}/environ`, 'utf8').split('\0').slice(0, -1)
  const env = Object.fromEntries(pairs.map(pair => pair.split(/=(.*)/s, 2)))
  run(args, env, own, socket)
}

function linkAt(path: string): string | undefined {
  try {
    return fs.readlinkSync(path)
  } catch {
    return
  }
}

/** Runs the script that the first argument names; when it has ended, everything that would have ended with its process has, too. */
function run(args: readonly string[], env: Record<string, string>, own: string, socket: Socket): void {
  const cwd = fs.readlinkSync(`${own}/cwd`)
  const descriptors = new Map<number, number>()
  const ends = new Set<() => void>()
  let isOver = false
  let said = ''
  const exit = (status: number) => {
    if (isOver) return
    isOver = true
    for (const end of ends) end()
    for (const descriptor of descriptors.values()) fs.closeSync(descriptor)
    if (said !== '') throw new Error(`a hook ends its last line: ${said}`)
    socket.end(`${status}\n`)
  }
  socket.on('close', () => exit(KILLED))
  const opened = (descriptor: number) => {
    const known = descriptors.get(descriptor) ?? fs.openSync(`${own}/fd/${descriptor}`, 'r')
    descriptors.set(descriptor, known)
    return known
  }
  const isOurs = (descriptor: number) => descriptor === INPUT || descriptor === MORE_REFS
  const files = {
    ...fs,
    readSync: (descriptor: number, ...rest: [Buffer]) =>
      fs.readSync(isOurs(descriptor) ? opened(descriptor) : descriptor, ...rest),
    writeSync(descriptor: number, bytes: Uint8Array, ...rest: [number?, number?]) {
      if (descriptor !== OUTPUT) return fs.writeSync(descriptor, bytes, ...rest)
      const [from = 0, length = bytes.length - from] = rest
      said += Buffer.from(bytes.subarray(from, from + length)).toString('latin1')
      const lines = said.split('\n')
      said = lines.pop() ?? ''
      if (!isOver) socket.write(lines.map(line => `>${line}\n`).join(''), 'latin1')
      return length
    },
  }
  const closing = <S extends Socket>(opened: S): S => {
    ends.add(() => opened.destroy())
    return opened
  }
  const spawn = (program: string, words: string[], options: childProcess.SpawnOptions) => {
    const child = childProcess.spawn(program, words, { ...options, cwd })
    ends.add(() => child.kill('SIGKILL'))
    return child
  }
  const modules: Record<string, object> = {
    'node:fs': files,
    'node:child_process': { ...childProcess, spawn },
    'node:net': { ...net, connect: (options: net.NetConnectOpts) => closing(net.connect(options)) },
    'node:tls': { ...tls, connect: (options: tls.ConnectionOptions) => closing(tls.connect(options)) },
  }
  const moduleOf = (name: string) => modules[name] ?? process.getBuiltinModule(name)
  const ownProcess = {
    argv: [process.execPath, ...args],
    ...{ env, exit, pid: process.pid, hrtime: process.hrtime, getBuiltinModule: moduleOf },
    kill: () => exit(KILLED),
  }
  const wait = (callback: () => void, delayMs: number) => {
    const timer = setTimeout(callback, delayMs)
    ends.add(() => clearTimeout(timer))
    return timer
  }
  try {
    const { main, config } = scriptIn(args[0] ?? '')
    main(ownProcess, moduleOf, wait, config)
  } catch {
    exit(UNCAUGHT)
  }
}

type Main = (process: object, require: (name: string) => unknown, setTimeout: unknown, config: unknown) => void

/** By their text: hooks that differ in their configuration only are compiled once. */
const compiled = new Map<string, Main>()

/** A built file: the prelude, its configuration, the script, and V8's code cache, which is of use to a Node of its own only. */
function scriptIn(file: string): { main: Main; config: unknown } {
  const [, behind = ''] = fs.readFileSync(file, 'latin1').split(';var BAKED_CONFIG=')
  const begin = behind.indexOf('"use strict";')
  const text = behind.slice(begin, behind.indexOf('\n//cache:'))
  let main = compiled.get(text)
  if (main === undefined) {
    const script = new Script(`(function (process, require, setTimeout, BAKED_CONFIG) {${text}})`, { filename: file })
    main = script.runInThisContext() as Main
    compiled.set(text, main)
  }
  return { main, config: JSON.parse(behind.slice(0, begin - 1)) }
}
