// What goes into the hook environment, and why. Everything else of Debian stays out.

/** Debian's stable release: its glibc is what the Node of the lock file is linked to. */
export const SUITE = 'trixie'
export const MIRROR = 'http://deb.debian.org/debian'

/** Packages whose files we pick from; apt resolves and verifies them, and those that they need. */
export const PACKAGES = ['ca-certificates', 'coreutils', 'dash', 'git', 'grep', 'libgcc-s1', 'libstdc++6', 'sed']

/** The programs of `/usr/bin`. What a prelude or the probe calls, and the few without which nobody can look around. */
export const PROGRAMS = [
  'dash', // /bin/sh, GHES's entry point
  'git', // its built-in commands are in the one file; /usr/lib/git-core is not needed
  'timeout', // ends a git or Node that hangs
  'cat',
  'date',
  'df',
  'env',
  'grep',
  'head',
  'id',
  'ls',
  'readlink',
  'rm',
  'sed',
  'sleep',
  'sort',
  'stat',
  'tail',
  'tr',
  'uname',
  'wc',
]

/** Found by the prelude without a PATH. */
export const NODE_AT = 'opt/catalog-gate/bin/node'
export const GUARD_AT = 'opt/catalog-gate/lib/sandbox-guard.so'
/** The relay's secret and authority: hook.yaml names them by this folder. */
export const SETTINGS_AT = 'etc/catalog-gate'

/** Debian and Node as they are since /usr was merged. */
export const LINKS: Readonly<Record<string, string>> = {
  bin: 'usr/bin',
  lib: 'usr/lib',
  lib64: 'usr/lib64',
  sbin: 'usr/bin',
  'usr/bin/sh': 'dash',
  'usr/bin/node': '/opt/catalog-gate/bin/node',
}

/** Mount points that a sandbox may want, and a home that exists. */
export const FOLDERS = ['dev', 'proc', 'tmp', 'home', 'repo']

export const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  // Names come from files first; the hooks read /etc/hosts and /etc/resolv.conf by themselves.
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  // No owner of a pushed repository is the sandbox's user; git would otherwise refuse to read where GIT_DIR is not set.
  'etc/gitconfig': '[safe]\n\tdirectory = *\n',
}
