// Holds the gate, set as it was learned, against the answers of the live Backstage: where they differ, it has rules that no setting knows.
import { isKindAllowed } from '../../hooks/catalog/checks/allowed-kind.ts'
import { checkFile } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import type { Findings } from './findings.ts'
import type { Asked } from './from-backstage.ts'
import { borderProbes, kindProbes, modelProbes } from './probes.ts'

/** Sentences, empty where both say the same. Kinds that the rules leave out are of no interest; who gives an owner neither, since each has one. */
export async function differences(
  asked: readonly Asked[],
  { profile, placeholders, rules }: Findings,
): Promise<string[]> {
  const kinds =
    profile?.value === 'model'
      ? await import('../../schemas/compiled/model.mjs')
      : await import('../../schemas/compiled/builtin.mjs')
  const installation = { ...plainInstallation, ...(placeholders ? { placeholders: placeholders.value } : {}) }
  const site = { profile: kinds.profile, installation, repository: {}, severities: {}, helpUrl: '' }
  const held = [...kindProbes, ...modelProbes, ...borderProbes]
  const unknown: string[] = []
  const notes = asked.flatMap(({ probe, answer }) => {
    if (!held.includes(probe)) return []
    const file = checkFile('catalog-info.yaml', Buffer.from(JSON.stringify(probe.entity)), site)
    const codes = [...new Set(file.diagnostics.flatMap(({ severity, code }) => (severity === 'error' ? [code] : [])))]
    if (answer.result === 'accepted')
      return codes.length === 0 ? [] : [`it takes ${probe.id}; enforce.rules can turn ${codes.join(', ')} to warning`]
    if (codes.length > 0) return []
    const isTaken = rules === undefined || isKindAllowed(probe.entity, rules.value, {})
    if (!isTaken) return []
    if (isUnknownKind(answer.message)) unknown.push(probe.id)
    else return [`it refuses ${probe.id}, which the gate lets through: "${clipped(answer.message)}"`]
    return []
  })
  return unknown.length === 0
    ? notes
    : [
        `it does not know ${unknown.join(', ')}; the gate lets these kinds through, unless catalog.rules leave them out`,
        ...notes,
      ]
}

const isUnknownKind = (message: string) => message.startsWith('No processor recognized the entity')

const clipped = (text: string) => (text.length > 160 ? `${text.slice(0, 157)}...` : text)
