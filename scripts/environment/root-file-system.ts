// The root file system that GHES unpacks: picked out of the unpacked packages, with Node, the guard and the relay's settings.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { FILES, FOLDERS, GUARD_AT, LINKS, NODE_AT, PROGRAMS, SETTINGS_AT } from './contents.ts'
import { rootsEnvironment } from './mmdebstrap.ts'

export type RootInputs = {
  /** Where the packages were unpacked. */
  packages: string
  node: string
  /** The compiled guard. */
  guard: string
  secret?: string
  authority?: string
}

/**
 * Writes it into `root`, an empty folder. Modes are set; owners and times are the tarball's business.
 * Gives the paths of the packages' files that were taken, from the packages' root.
 */
export function makeRoot(root: string, inputs: RootInputs): string[] {
  for (const folder of [...FOLDERS, 'usr/bin', 'usr/lib', 'usr/lib64', 'etc/ssl/certs', SETTINGS_AT]) {
    mkdirSync(join(root, folder), { recursive: true, mode: 0o755 })
  }
  chmodSync(join(root, 'tmp'), 0o1777)
  // Git opens /dev/null at every start. A sandbox mounts a /dev of its own over this; where one does not, an empty file will do.
  write(root, 'dev/null', '', 0o666)
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, join(root, path))
  for (const [path, text] of Object.entries(FILES)) write(root, path, text, 0o644)
  for (const program of PROGRAMS) place(root, `usr/bin/${program}`, join(inputs.packages, 'usr/bin', program), 0o755)
  place(root, NODE_AT, inputs.node, 0o755)
  place(root, GUARD_AT, inputs.guard, 0o755)
  const libraries = librariesOf(inputs).map(path => ({ path, from: realpathSync(join(inputs.packages, path)) }))
  for (const { path, from } of libraries) place(root, path, from, 0o755)
  write(root, 'etc/ssl/certs/ca-certificates.crt', publicAuthorities(inputs.packages), 0o644)
  placeSettings(root, inputs)
  const programs = PROGRAMS.map(program => join(inputs.packages, 'usr/bin', program))
  const authorities = join(inputs.packages, AUTHORITIES)
  return [
    ...programs,
    ...libraries.map(({ from }) => from),
    ...readdirSync(authorities).map(file => join(authorities, file)),
  ].map(path => relative(inputs.packages, path))
}

const AUTHORITIES = 'usr/share/ca-certificates/mozilla'

/**
 * Every shared library that one of the programs loads, as the packages' own dynamic loader finds them. Asked of the loader
 * in a chroot: nothing of the building machine is looked at.
 */
function librariesOf({ packages, node }: RootInputs): string[] {
  const nodeInside = 'tmp/node'
  copyFileSync(node, join(packages, nodeInside))
  chmodSync(join(packages, nodeInside), 0o755)
  const found = new Set<string>()
  for (const program of [...PROGRAMS.map(name => `usr/bin/${name}`), nodeInside]) {
    const listed = execFileSync('chroot', [packages, '/lib64/ld-linux-x86-64.so.2', '--list', `/${program}`], {
      encoding: 'utf8',
      env: rootsEnvironment(),
    })
    for (const [, path] of listed.matchAll(/(?:=> |^\s*)\/(\S+) \(0x/gm)) if (path !== undefined) found.add(path)
  }
  return [...found].sort()
}

/** As Debian's update-ca-certificates makes it, which is a maintainer script and so did not run. */
function publicAuthorities(packages: string): string {
  const folder = join(packages, AUTHORITIES)
  return readdirSync(folder)
    .filter(file => file.endsWith('.crt'))
    .sort()
    .map(file => readFileSync(join(folder, file), 'utf8').trimEnd())
    .join('\n')
    .concat('\n')
}

/**
 * The user that the sandbox runs hooks as is not documented, so the secret can only be kept from being listed, not from being
 * read: whoever runs code in this environment can read it, which is the hooks alone.
 */
function placeSettings(root: string, { secret, authority }: RootInputs): void {
  if (secret !== undefined) place(root, `${SETTINGS_AT}/relay.secret`, secret, 0o444)
  if (authority !== undefined) place(root, `${SETTINGS_AT}/ca.pem`, authority, 0o444)
  chmodSync(join(root, SETTINGS_AT), 0o711)
}

function place(root: string, path: string, from: string, mode: number): void {
  const to = join(root, path)
  if (existsSync(to)) return
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
  copyFileSync(from, to)
  chmodSync(to, mode)
}

function write(root: string, path: string, text: string, mode: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 })
  writeFileSync(join(root, path), text)
  chmodSync(join(root, path), mode)
}
