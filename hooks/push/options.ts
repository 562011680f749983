// Push options (`git push -o name=value`) as git hands them to hooks: GIT_PUSH_OPTION_COUNT and GIT_PUSH_OPTION_0, 1, …
import { cutText } from '../../schemas/text.ts'
import type { HookConfig } from '../config/hook-config.ts'

export type Bypass =
  | { result: 'none' }
  | { result: 'bypass'; reason: string }
  | { result: 'reason missing'; pushOption: string }

/** Git allows thousands of options; a reason is found in the first hundred. */
const MAX_OPTIONS = 100

export function readBypass(env: NodeJS.ProcessEnv, bypass: HookConfig['enforce']['bypass']): Bypass {
  if (bypass === false) return { result: 'none' }
  const count = Math.min(Number(env['GIT_PUSH_OPTION_COUNT'] ?? 0) || 0, MAX_OPTIONS)
  for (let i = 0; i < count; i++) {
    const option = env[`GIT_PUSH_OPTION_${i}`] ?? ''
    const [name, ...rest] = option.split('=')
    if (name !== bypass.pushOption) continue
    const given = rest
      .join('=')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2')
      .trim()
    const reason = cutText(given, 500)
    if (reason !== '' || bypass.reason === 'optional') return { result: 'bypass', reason: reason || 'no reason given' }
    return { result: 'reason missing', pushOption: bypass.pushOption }
  }
  return { result: 'none' }
}
