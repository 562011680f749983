// The build: configuration in, dist/ out.
import { chmodSync, copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Baked, loadHookConfig } from '../config/hook-config.ts'
import { backstagePackage } from './backstage-package.ts'
import { fillAtOnce } from './built-folder.ts'
import { bundleRelay } from './bundle.ts'
import { buildCommandLine } from './command-line.ts'
import { editorSchema } from './editor-schema.ts'
import { buildHook, type HookName } from './hook-file.ts'
import { noticesFor } from './notices.ts'
import { buildProbe } from './probe-file.ts'

const root = resolve(import.meta.dirname, '../..')

const BACKSTAGE_PACKAGE = 'backstage-plugin-catalog-backend-module-catalog-gate.tgz'

const USAGE = `usage: node build.mjs [--config hook.yaml] [--out dist]

  --config FILE   the hooks' configuration, baked into them (default: the built-in defaults)
  --out FOLDER    where to write (default: dist)
`

/** Exit code: 0 built, 2 wrong usage or configuration. */
export async function build(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'number') return options
  const baked = await loadHookConfig(options.config)
  if (baked.result === 'wrong') {
    for (const problem of baked.problems) console.error(`error: ${problem}`)
    return 2
  }
  await fillAtOnce(resolve(options.out), folder => buildAll(baked, folder))
  return 0
}

async function buildAll(baked: Baked, out: string): Promise<void> {
  for (const part of ['hooks', 'schemas', 'environment', 'backstage']) mkdirSync(join(out, part), { recursive: true })
  const inputs = new Set<string>()
  for (const name of ['catalog-gate', 'catalog-validate', 'catalog-notify'] satisfies HookName[]) {
    const { text, scriptBytes, cacheBytes, bundled } = await buildHook(name, baked)
    write(join(out, 'hooks', name), text, 0o755)
    for (const input of bundled) inputs.add(input)
    console.log(
      `hooks/${name}: ${kilobytes(scriptBytes)}, and ${kilobytes(cacheBytes)} of code cache for Node ${process.versions.node}`,
    )
  }
  for (const part of ['environment/sandbox-guard.c', 'try/seccomp-kill.c', 'try/jail.sh'])
    copyFileSync(join(root, 'scripts', part), join(out, 'environment', basename(part)))
  const probe = await buildProbe(baked)
  for (const input of probe.bundled) inputs.add(input)
  write(join(out, 'hooks/sandbox-probe'), probe.text, 0o755)
  for (const input of await bundleRelay('relay/main.ts', join(out, 'relay.mjs'))) inputs.add(input)
  console.log(`relay.mjs: ${kilobytes(statSync(join(out, 'relay.mjs')).size)}`)
  const forBackstage = await backstagePackage(root)
  for (const input of forBackstage.bundled) inputs.add(input)
  write(join(out, 'backstage', BACKSTAGE_PACKAGE), forBackstage.tarball, 0o644)
  console.log(`backstage/${BACKSTAGE_PACKAGE}: ${kilobytes(forBackstage.tarball.length)}`)
  const { bundled, scriptBytes, cacheBytes } = await buildCommandLine(out)
  for (const input of bundled) inputs.add(input)
  console.log(`check.jsc: ${kilobytes(scriptBytes)}, and ${kilobytes(cacheBytes)} of code cache`)
  write(
    join(out, 'schemas/catalog-info.schema.json'),
    `${JSON.stringify(editorSchema(baked.config.catalog, baked.kinds), null, 2)}\n`,
    0o644,
  )
  // What `catalog-gate explain` tells.
  copyFileSync(join(root, 'hooks/CHECKS.md'), join(out, 'CHECKS.md'))
  write(join(out, 'THIRD-PARTY-NOTICES.txt'), noticesFor(inputs), 0o644)
}

function readOptions(args: string[]): { config: string | undefined; out: string } | number {
  try {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
    })
    if (values.help) {
      process.stdout.write(USAGE)
      return 0
    }
    return { config: values.config, out: values.out ?? join(root, 'dist') }
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}\n${USAGE}`)
    return 2
  }
}

function write(file: string, text: string | Buffer, mode: number): void {
  writeFileSync(file, text)
  chmodSync(file, mode)
}

const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`
