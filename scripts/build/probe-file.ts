// The file of sandbox-probe: its sh half, filled in with the site's relay, and behind it the half that needs Node.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import type { Baked } from '../config/hook-config.ts'
import { bundleHook } from './bundle.ts'
import { profilePlugin } from './own-kinds-module.ts'

const root = resolve(import.meta.dirname, '../..')

/** GHES's 5 s are for all hooks of a push. */
const WHOLE_TENTHS = 19

/** `patience`: how many times as long it waits for each program, and for the relay. `wholeTenths`: when it ends, whatever hangs. */
export async function buildProbe(
  { config, kinds }: Baked,
  patience = 1,
  wholeTenths = WHOLE_TENTHS * patience,
): Promise<{ text: string; bundled: string[] }> {
  const { text: script, bundled } = await bundleHook(
    'hooks/probe/probe.ts',
    profilePlugin(config.catalog.profile, kinds),
    { BAKED_CONFIG: JSON.stringify(config), PROBE_PATIENCE: String(patience) },
  )
  const { relay } = config
  const values: Record<string, string> = {
    VERSION: packageJson.version,
    PATIENCE: String(patience),
    WHOLE_TENTHS: String(wholeTenths),
    TRY_SECONDS: String((3 * wholeTenths) / WHOLE_TENTHS / 10),
    RELAY: inSingleQuotes(relay === undefined ? '' : new URL(relay.url).origin),
    RELAY_FILES: inSingleQuotes([relay?.secretFile, relay?.caFile].filter(file => file?.startsWith('/')).join(' ')),
  }
  const prelude = readFileSync(join(root, 'hooks/probe/sandbox-probe.sh'), 'utf8')
  const filled = prelude.replaceAll(/@([A-Z_]+)@/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`sandbox-probe.sh: nothing to put in for @${key}@`)
    return value
  })
  return { text: `${filled}${script.trimEnd()}\n//end\n`, bundled }
}

/** The text between two single quotes that are there already. */
const inSingleQuotes = (text: string) => text.replaceAll("'", `'\\''`)
