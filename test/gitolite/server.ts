// Debian's gitolite3 on a machine of its own kind: an account, its own sshd on loopback, keys of many users, our hook as its pre-receive. Needs root.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { gitEnvironment, runGit } from '../support/git.ts'
import { freePort, type Started, startProcess } from '../support/process.ts'
import { temporaryFolder } from '../support/temporary.ts'

export type GitServer = {
  /** Of everything that the account may read: hooks, secrets. */
  folder: string
  repository: (name: string) => string
  url: (name: string) => string
  /** git of a user, over ssh, in a folder. */
  git: (user: string, directory: string, ...args: string[]) => ReturnType<typeof runGit>
  clone: (user: string, name: string) => Promise<string>
  /** A `git push` that has only been started, in a process group of its own. */
  startPush: (user: string, directory: string, ...args: string[]) => Started
  /** Waits until no process of the account is left, and says which were left after so long. */
  atRest: (patienceMs: number) => Promise<string[]>
  stop: () => Promise<void>
}

export type ServerOptions = {
  users: readonly string[]
  /** gitolite.conf without the users' keys. */
  conf: string
  /** Puts hooks and secrets into `folder` and says what stands in the pre-receive. */
  preReceive: (folder: string, node: string) => Promise<string>
}

/** The account is made for this server, and goes with it. */
export async function startGitServer({ users, conf, preReceive }: ServerOptions): Promise<GitServer> {
  const account = `gate-${process.pid}`
  const folder = temporaryFolder('catalog-gate-gitolite-')
  const home = join(folder, 'home')
  const keys = join(folder, 'keys')
  chmodSync(folder, 0o755)
  execFileSync('useradd', ['--create-home', '--home-dir', home, '--shell', '/bin/sh', account])
  // A new account is locked, and sshd lets nobody into one: "*" is no password that anybody could type, but is not a lock.
  execFileSync('usermod', ['--password', '*', account])
  mkdirSync(keys, { mode: 0o700 })
  for (const user of [...users, 'host'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', user, '-f', join(keys, user)])

  // The Node of the tests may lie where the account may not look.
  const node = join(folder, 'node')
  copyFileSync(process.execPath, node)
  chmodSync(node, 0o755)
  const hook = await preReceive(folder, node)

  const asAccount = (script: string) =>
    execFileSync('setpriv', ['--reuid', account, '--regid', account, '--init-groups', 'sh', '-ec', script], {
      cwd: home,
      env: { HOME: home, PATH: '/usr/bin:/bin', USER: account, LC_ALL: 'C' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  writeFileSync(join(home, '.gitconfig'), '[init]\n\tdefaultBranch = main\n[receive]\n\tadvertisePushOptions = true\n')
  asAccount('gitolite setup -a nobody')
  mkdirSync(join(home, '.gitolite/keydir'), { recursive: true })
  for (const user of users) copyFileSync(join(keys, `${user}.pub`), join(home, `.gitolite/keydir/${user}.pub`))
  writeFileSync(join(home, '.gitolite/conf/gitolite.conf'), conf)
  mkdirSync(join(home, '.gitolite/hooks/common'), { recursive: true })
  writeFileSync(join(home, '.gitolite/hooks/common/pre-receive'), hook, { mode: 0o755 })
  execFileSync('chown', ['-R', account, home])
  asAccount('gitolite setup')

  const port = await freePort()
  const sshd = await startSshd(folder, keys, port)
  const ssh = (user: string) =>
    `ssh -F none -p ${port} -i ${join(keys, user)} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${join(keys, 'known_hosts')}`
  const url = (name: string) => `ssh://${account}@127.0.0.1/${name}`
  const environment = (user: string) => ({
    GIT_SSH_COMMAND: ssh(user),
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap(who => [
        [`GIT_${who}_NAME`, user],
        [`GIT_${who}_EMAIL`, `${user}@example.com`],
      ]),
    ),
  })
  const git: GitServer['git'] = (user, directory, ...args) => runGit(directory, args, { env: environment(user) })
  let clones = 0
  return {
    folder,
    repository: name => join(home, 'repositories', `${name}.git`),
    url,
    git,
    clone: async (user, name) => {
      const directory = join(folder, `clone-${++clones}`)
      const run = await git(user, folder, 'clone', '--quiet', url(name), directory)
      if (run.exitCode !== 0) throw new Error(`git clone ended with ${run.exitCode}: ${run.stderr}`)
      // git 2.39 takes the branch of an empty clone from whoever clones
      await git(user, directory, 'symbolic-ref', 'HEAD', 'refs/heads/main')
      return directory
    },
    startPush: (user, directory, ...args) =>
      startProcess('git', ['push', ...args], { cwd: directory, env: gitEnvironment(environment(user)) }),
    atRest: patienceMs => atRest(statSync(home).uid, patienceMs),
    stop: async () => {
      await sshd.stop()
      for (const pid of processesOf(statSync(home).uid)) process.kill(Number(pid.split(' ')[0]), 'SIGKILL')
      execFileSync('userdel', [account], { stdio: 'pipe' })
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** An sshd with nothing of the machine's own: its configuration, its host key, its port. */
async function startSshd(folder: string, keys: string, port: number): Promise<Started> {
  const file = join(folder, 'sshd_config')
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(keys, 'host')}`,
    'PidFile none',
    'UsePAM no',
    'PasswordAuthentication no',
    'AuthorizedKeysFile .ssh/authorized_keys',
    // By itself sshd drops, at random, the eleventh of those who log in at a time: that is a push that fails without us.
    'MaxStartups 100',
  ]
  writeFileSync(file, `${settings.join('\n')}\n`)
  writeFileSync(join(keys, 'known_hosts'), `[127.0.0.1]:${port} ${readFileSync(join(keys, 'host.pub'), 'utf8')}`)
  mkdirSync('/run/sshd', { recursive: true })
  const sshd = startProcess('/usr/sbin/sshd', ['-D', '-e', '-f', file])
  while (!sshd.output().includes('Server listening on')) {
    if (sshd.ended() !== undefined) throw new Error(`sshd ${sshd.ended()}:\n${sshd.output()}`)
    await delay(20)
  }
  return sshd
}

async function atRest(uid: number, patienceMs: number): Promise<string[]> {
  const until = performance.now() + patienceMs
  for (;;) {
    const left = processesOf(uid)
    if (left.length === 0 || performance.now() > until) return left
    await delay(20)
  }
}

/** "PID COMMAND" of the living processes of an account. */
function processesOf(uid: number): string[] {
  return readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid)) return []
    try {
      if (statSync(`/proc/${pid}`).uid !== uid) return []
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      if (stat[stat.lastIndexOf(')') + 2] === 'Z') return []
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')}`]
    } catch {
      return [] // gone meanwhile
    }
  })
}
