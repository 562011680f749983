// The notices of the packages whose code is inside the bundles, as their licences ask.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
/** Their schemas, not their code, are compiled into the hooks. */
const SCHEMA_SOURCES = ['node_modules/@backstage/catalog-model', 'node_modules/@backstage/plugin-scaffolder-common']

/** `inputs`: files that esbuild put into a bundle, relative to the project. */
export function noticesFor(inputs: ReadonlySet<string>): string {
  const folders = new Set(SCHEMA_SOURCES)
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)
    if (match?.[1]) folders.add(match[1])
  }
  const parts = [...folders].sort().map(notice)
  return `The files in this folder contain code or schemas of these packages.\n\n${parts.join('\n')}`
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license: string
  }
  const files = readdirSync(join(root, folder)).filter(file => /^(licen[cs]e|notice|copying)/i.test(file))
  const texts = files
    .filter(file => existsSync(join(root, folder, file)))
    .map(file => readFileSync(join(root, folder, file), 'utf8').trim())
  return `${'='.repeat(72)}\n${name} ${version} (${license})\n${'='.repeat(72)}\n\n${texts.join('\n\n') || `Licence: ${license}. The package carries no licence text of its own.`}\n`
}
