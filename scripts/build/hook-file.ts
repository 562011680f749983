// One hook file: the sh prelude, the bundled script, and V8's code cache, in a file that is valid as sh and as JavaScript.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  ANY_WAY,
  ASIDE,
  BEFORE_NAME,
  BEHIND_NAME,
  EMPTY,
  GLOBS,
  GREP,
  MOST_LETTERS,
  NEVER_QUOTED,
  OTHER_WAYS,
  TEXTS,
} from '../../hooks/config/naming.ts'
import { REJECT_STATUS } from '../../hooks/process/reject-status.ts'
import type { Baked } from '../config/hook-config.ts'
import { bundleHook } from './bundle.ts'
import { codeCache } from './code-cache.ts'
import { profilePlugin } from './own-kinds-module.ts'

const root = resolve(import.meta.dirname, '../..')

export type HookName = 'catalog-gate' | 'catalog-validate' | 'catalog-notify'

/** So many lines of refs are read by sh, at 50 µs each; of more, Node reads the rest, and asks git about all of them. */
const LOOP_REFS = 50

/** So much of git's raw lines (characters, some 100 a file) is handed over; of more, Node asks for what matters first. */
const HANDED_OVER = 1_000_000

/** So many files (in characters of raw lines) are read while Node starts; of more, Node asks for what matters first, which takes 15 ms. */
const READ_AHEAD = 200_000
/** So many sh reads line by line, at 50 µs each; of more sed takes the ids of YAML files. */
const LOOP_FILES = 8000

/** Git reads lines of 1,000 bytes; two ids of SHA-256 stand before the name. GHES takes names up to 255 bytes. */
const REF_BYTES = 800

/**
 * A young generation that a usual push never fills: saves a garbage collection, 2 ms of 45 (measured, Node 24); with 16 MB from the start it would have 100
 * pages more to be had from the kernel, 0.3 ms. It never grows beyond, which would take 50 MB more. One thread beside the main one, and not four, to be
 * started and ended: 1 ms.
 */
const NODE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=16', '--v8-pool-size=1']

/**
 * Where the relay's own authority is the only one that counts: node:tls reads 140 others as soon as it is loaded, in a thread that the first connection waits
 * for, 5 ms of work. OpenSSL's are looked for in files instead, and these are none. Beside this flag Node ends at once where the environment asks for others.
 */
const NO_OTHER_AUTHORITIES = {
  flag: '--use-openssl-ca',
  environment: 'SSL_CERT_FILE=/dev/null/none SSL_CERT_DIR=/dev/null/none NODE_USE_SYSTEM_CA=0',
}

/** In NODE_OPTIONS, otherwise. */
const CA_OPTIONS = '--use[-_]system[-_]ca | --use[-_]openssl[-_]ca'

/** So many times as long as the script the loader's buffer is (loader.js), into which it reads first the script and then the cache. */
const BUFFER_TIMES = 4
const SOURCE_BYTES = '@SOURCE_BYTES@'

/** A hook's script before its configuration: the same for all that have the same profile and kinds. */
export const hookScript = (name: HookName, { config, kinds }: Baked): ReturnType<typeof bundleHook> =>
  bundleHook(`hooks/${name}.ts`, profilePlugin(config.catalog.profile, kinds), {})

/** `made`: where a test takes it from what was made before. */
export async function buildHook(
  name: HookName,
  baked: Baked,
  made = { hookScript, codeCache },
): Promise<{ text: string; scriptBytes: number; cacheBytes: number; bundled: string[] }> {
  const { config, settings, fileGlobs } = baked
  const { text: script, bundled } = await made.hookScript(name, baked)
  const version: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  // A little more than the script allows itself: its own last word is better than a killed process.
  const guardMs = config.limits.timeMs + 300
  const { pathspecs, baseNames } = config.catalog
  const { relay } = config
  const hasAuthority = relay?.caFile !== undefined && new URL(relay.url).protocol === 'https:'
  const askable = pathspecs.quoted.length === 0 ? [] : baseNames.filter(name => /^[\w.-]+$/.test(name))
  // Where catalog files may be called anything, nothing is left out.
  const never = endsOf(pathspecs).includes('')
    ? []
    : NEVER_QUOTED.filter(end => !fileGlobs.some(glob => glob.includes(`.${end}`)))
  const prelude = fill(readFileSync(join(root, 'hooks/process/prelude.sh'), 'utf8'), {
    NAME: name,
    VERSION: String(version),
    SETTINGS: settingsLine(settings),
    PATHS: pathspecs.quoted.length === 0 ? pathspecs.candidates.map(shellQuote).join(' ') : '',
    CANDIDATE_LINE:
      pathspecs.quoted.length === 0
        ? '*"$LF:"*'
        : endsOf(pathspecs)
            .map(end => `*${end}"$LF"*`)
            .join(' | '),
    CANDIDATE:
      pathspecs.quoted.length === 0
        ? '*'
        : endsOf(pathspecs)
            .map(end => `*${end}`)
            .join(' | '),
    NAMES: askable.map(shellQuote).join(' '),
    // Without followLocations all are passed over: what is unchanged is not looked at.
    CHANGED_BY_NAME:
      pathspecs.quoted.length === 0 ? '*' : ["''", ...askable.map(name => `100???${shellQuote(name)}`)].join(' | '),
    NEVER_QUOTED: never.map(end => `*.${end}`).join(' | ') || "''",
    NEVER_QUOTED_LINE: `'/^:.*[.](${never.join('|') || '\\n'})"?$/d'`,
    TEXTS: TEXTS.map(end => `*.${end}`).join(' | '),
    EMPTY: EMPTY.map(id => `M.${id}.*`).join(' | '),
    GREP: GREP.join(' '),
    OTHER_WAYS: shellQuote(OTHER_WAYS),
    ANY_WAY: shellQuote(ANY_WAY),
    GLOBS: shellQuote(GLOBS),
    BEFORE_NAME: shellQuote(BEFORE_NAME),
    BEHIND_NAME: shellQuote(BEHIND_NAME),
    MOST_LETTERS: String(MOST_LETTERS),
    ASIDE_PATHS: pathspecs.aside.map(shellQuote).join(' '),
    ASIDE,
    GUARD_SECONDS: String(guardMs / 1000),
    GUARD_HUNDREDTHS: String(Math.ceil(guardMs / 10)),
    REJECT: String(REJECT_STATUS),
    NODE_FLAGS: [...NODE_FLAGS, ...(hasAuthority ? [NO_OTHER_AUTHORITIES.flag] : [])].join(' '),
    AUTHORITIES: hasAuthority ? ` ${NO_OTHER_AUTHORITIES.environment}` : '',
    CA_OPTIONS: hasAuthority ? "''" : CA_OPTIONS,
    FILE_BYTES: String(config.limits.fileBytes),
    LOOP_REFS: String(LOOP_REFS),
    HANDED_OVER: String(HANDED_OVER),
    READ_AHEAD: String(READ_AHEAD),
    LOOP_FILES: String(LOOP_FILES),
    REF_BYTES: String(REF_BYTES),
    LOADER: shellQuote(loader()),
    SOURCE_BYTES,
  })
  // The sh half is a text to JavaScript: ended here, so that nothing after it can be taken for its continuation.
  const unsized = `${prelude};var BAKED_CONFIG=${asciiJson(config)};${script.trimEnd()}`
  // As long as what it stands for: the size is in what is sized.
  const source = unsized.replace(SOURCE_BYTES, String(unsized.length).padStart(SOURCE_BYTES.length))
  if (/[\0\r\u0080-\uffff]/.test(source)) throw new Error(`${name}: the file must be ASCII`)
  const cache = made.codeCache(source, join(root, 'scripts/build/warm-up.cjs'), NODE_FLAGS)
  const behind = `\n//cache:${cache.toString('base64')}\n//end\n`
  if (behind.length > BUFFER_TIMES * source.length)
    throw new Error(`${name}: the code cache is too large for the loader`)
  return {
    text: `${source}${behind}`,
    scriptBytes: source.length,
    cacheBytes: cache.length,
    bundled,
  }
}

/** The prelude stands in a JavaScript comment, which the first star-slash in it would end. */
function fill(template: string, values: Record<string, string>): string {
  const text = template.replaceAll(/@([A-Z_]+)@/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`prelude.sh: nothing to put in for @${key}@`)
    return value
  })
  const comment = text.slice(text.indexOf('/*') + 2)
  if (comment.trimEnd().indexOf('*/') !== comment.trimEnd().length - 2)
    throw new Error('prelude.sh: a "*/" ends the comment too early')
  return text
}

/** How names of candidates end, as sh has it: in git's quotes, too. What git would escape in them may be any. */
function endsOf({ candidates }: Baked['config']['catalog']['pathspecs']): string[] {
  const ends = candidates.map(pathspec => pathspec.replace(/^:\([^)]*\)/, '').replace(/^.*[/*?[\]]/s, ''))
  return ends.flatMap(end => (/^[\w.-]+$/.test(end) ? [`'${end}'`, `'${end}"'`] : ['']))
}

/** One line of JSON in ASCII, which install reads again to say what changes; without a star-slash, as JSON allows. */
const settingsLine = (settings: Baked['settings']) => asciiJson(settings).replaceAll('*/', '*\\/')

const asciiJson = (value: unknown) =>
  JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** In single quotes, with a gap in every star-slash. */
const shellQuote = (text: string) => `'${text.replaceAll("'", `'\\''`).replaceAll('*/', `*''/`)}'`

function loader(): string {
  return readFileSync(join(root, 'hooks/process/loader.js'), 'utf8')
    .replaceAll(/\n(?=.)/g, ';')
    .trim()
}
