// mmdebstrap: called in a group of its own, so that an interruption ends all of it; its words, and apt's, with the way out.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter } from 'node:path'
import { errorCode } from '../../schemas/error-code.ts'

export type Ran = { result: 'done' } | { result: 'failed'; problem: string; remedy: string }

/** Root by `su` alone has the PATH of before, without chroot and mount. */
export const rootsEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [process.env['PATH'], '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter),
})

/** Throws the reason of `interrupted` when that ended it. */
export async function mmdebstrap(args: readonly string[], interrupted: AbortSignal): Promise<Ran> {
  const child = spawn('mmdebstrap', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    env: { ...rootsEnvironment(), LC_ALL: 'C' },
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
  })
  const stop = () => endGroup(child)
  interrupted.addEventListener('abort', stop)
  try {
    const [status] = await once(child, 'close')
    interrupted.throwIfAborted()
    return status === 0 ? { result: 'done' } : failed(said)
  } catch (error) {
    interrupted.throwIfAborted()
    if (errorCode(error) !== 'ENOENT') throw error
    const remedy = 'on Debian and Ubuntu: apt install mmdebstrap; scripts/environment/README.md has a way by Docker'
    return { result: 'failed', problem: 'mmdebstrap is not installed', remedy }
  } finally {
    interrupted.removeEventListener('abort', stop)
  }
}

/** It takes its mounts away when it is asked to end; what has not ended after this is killed. */
const PATIENCE_MS = 10_000

function endGroup(child: ChildProcess): void {
  const { pid } = child
  if (pid === undefined) return
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal)
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error
    }
  }
  kill('SIGTERM')
  const insist = setTimeout(() => kill('SIGKILL'), PATIENCE_MS)
  child.once('close', () => clearTimeout(insist))
}

/** The first that is known of what it said, most telling first. */
const WORDS: readonly { said: RegExp; means: string; remedy: string }[] = [
  {
    said: /No space left on device/,
    means: 'there is no space left on the device',
    remedy: 'the build needs 1 GB in the temporary folder; TMPDIR names another one',
  },
  {
    said: /NO_PUBKEY|is not signed|signatures couldn't be verified|signatures were invalid/,
    means: "Debian's signature on its lists could not be verified",
    remedy: 'install its keys (apt install debian-archive-keyring); with --mirror: is it a mirror of Debian?',
  },
  {
    said: /is not valid yet|Release file .*expired/,
    means: "Debian's lists are not valid at this machine's time",
    remedy: 'set its clock; a mirror that is no longer updated is not valid either',
  },
  {
    said: /does not have a Release file/,
    means: 'the mirror does not have this release of Debian',
    remedy: 'is --mirror the folder that holds dists/, as http://deb.debian.org/debian?',
  },
  {
    said: /Could not resolve '[^']*'/,
    means: 'the name of the mirror could not be resolved',
    remedy: 'name a mirror that this machine reaches with --mirror, or set http_proxy',
  },
  {
    said: /Could not connect|Unable to connect|Connection timed out|Connection refused|Connection failed/,
    means: 'the mirror does not answer',
    remedy: 'name a mirror that this machine reaches with --mirror, or set http_proxy',
  },
  {
    said: /Certificate verification failed|certificate is NOT trusted/,
    means: "the mirror's certificate is not trusted",
    remedy:
      'install its authority on this machine (update-ca-certificates); Debian itself needs no HTTPS, its lists are signed',
  },
  {
    said: /Unable to locate package/,
    means: 'the mirror does not have all packages that are needed',
    remedy: "it must hold Debian's main; its index may be in the making: try again",
  },
  {
    said: /Failed to fetch|Hash Sum mismatch|Some index files failed to download/,
    means: 'something could not be downloaded',
    remedy: 'try again; another mirror: --mirror',
  },
  {
    said: /Operation not permitted|cannot mount|unshare/i,
    means: 'this machine does not let mmdebstrap do what it needs',
    remedy:
      'as root it needs chroot, mknod and mount; in a container that means more rights. scripts/environment/README.md has a way by Docker',
  },
]

function failed(said: string): Ran {
  const known = WORDS.find(one => one.said.test(said))
  const quoted = said.split('\n').find(line => /^(E|error):/i.test(line)) ?? said.trim().split('\n').at(-1) ?? ''
  const words = quoted.replace(/^E: /, '').trim().slice(0, 300)
  return known
    ? { result: 'failed', problem: `${known.means} ("${words}")`, remedy: known.remedy }
    : { result: 'failed', problem: `mmdebstrap failed ("${words}")`, remedy: 'mmdebstrap --debug says more' }
}
