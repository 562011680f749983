// esbuild's two uses: one script for a hook, ES modules for the relay and the command line.
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = resolve(import.meta.dirname, '../..')

/** A hook's script as text: ASCII, one file, nothing to be found beside it. `bundled` are the files that went in. */
export async function bundleHook(
  entry: string,
  profile: string,
  define: Record<string, string>,
): Promise<{ text: string; bundled: string[] }> {
  const profilePlugin: Plugin = {
    name: 'profile',
    setup(setup) {
      setup.onResolve({ filter: /^catalog-gate:profile$/ }, () => ({
        path: join(root, `schemas/compiled/${profile}.mjs`),
      }))
    },
  }
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'iife',
    target: 'node20',
    charset: 'ascii', // read as latin1, and so a one-byte string for V8
    minify: true,
    legalComments: 'none', // the notices are in the head of the file
    define,
    // yaml's main entry is CommonJS, of which nothing can be left out
    conditions: ['import', 'module'],
    mainFields: ['module', 'main'],
    plugins: [profilePlugin],
    logLevel: 'error',
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error(`esbuild wrote nothing for ${entry}`)
  return { text: file.text, bundled: Object.keys(result.metafile.inputs) }
}

/** An ES module with everything in it; gives the files that went in. */
export async function bundleModule(entry: string, outfile: string): Promise<string[]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    legalComments: 'none',
    // CommonJS packages inside call require() for Node's own modules
    banner: {
      js: `#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)`,
    },
    // The command line loads the relay from the file beside it, and only when it is asked for.
    plugins: [
      {
        name: 'relay',
        setup: setup =>
          setup.onResolve({ filter: /^\.\.\/relay\/main\.ts$/ }, () => ({ path: './relay.mjs', external: true })),
      },
    ],
    logLevel: 'error',
  })
  return Object.keys(result.metafile.inputs)
}
