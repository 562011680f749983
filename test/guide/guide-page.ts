// The administrator's guide as its tests read it: its commands in their order, and the Node of whoever follows it.
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** The Node of whoever follows the guide: ours; or that of GUIDE_NODE and nothing else, as on a machine that has but an older one. */
const bareNode = process.env['GUIDE_NODE']
export const node = bareNode ?? process.execPath
export const PATH = `${dirname(node)}${delimiter}${bareNode ? '/usr/local/bin:/usr/bin:/bin' : process.env['PATH']}`

export function pageOf(name: string): string {
  return readFileSync(join(root, 'hooks', name), 'utf8')
}

/** Without the settings, whose examples are no commands. */
export const [guide = ''] = pageOf('GUIDE.md').split('## Configuration')

/** Shell blocks, and commands that stand in a paragraph of their own, in the guide's order. */
export function commands(): string[] {
  return [...guide.matchAll(/^```sh\n(.*?)^```$|^ {4}(\S[^\n]*)$/gms)].map(([, block, line]) =>
    (block ?? line ?? '').trim(),
  )
}

/** What of a checkout the guide needs; in its folder it may then write its "site". */
export const IN_CHECKOUT = [
  'package.json',
  'tsconfig.json',
  'build.mjs',
  'hooks',
  'relay',
  'schemas',
  'scripts',
  'node_modules',
]

export const needsGhes = (command: string): boolean =>
  /catalog-gate\.mjs (install|uninstall|promote|rollback|pause|resume|survey|migrate|wiki|doctor|learn) /.test(command)
