// Answers of a live Backstage → settings. Every conclusion is from an answer that can have no other cause.
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import type { Answer, Backstage, NoAnswer } from './backstage.ts'
import type { Findings, Found } from './findings.ts'
import {
  borderProbes,
  kindProbes,
  modelProbes,
  ownerProbe,
  type Probe,
  placeholderProbe,
  quietPlaceholderProbe,
  wiringProbe,
} from './probes.ts'

export type Asked = { probe: Probe; answer: Answer }
export type Learned = { result: 'learned'; findings: Findings; asked: Asked[] }

/** `own`: names of placeholders that the site may have beside Backstage's. */
export async function learnFromBackstage(backstage: Backstage, own: readonly string[]): Promise<Learned | NoAnswer> {
  const names = [...new Set([...plainInstallation.placeholders, ...own])]
  const asked: Asked[] = []
  for (const probe of [
    ...[...kindProbes, ...modelProbes, wiringProbe, ownerProbe, ...borderProbes],
    ...names.flatMap(name => [placeholderProbe(name), ...(own.includes(name) ? [quietPlaceholderProbe(name)] : [])]),
  ]) {
    const answer = await backstage.validate(probe)
    if (answer.result === 'barred' || answer.result === 'wrong') return answer
    asked.push({ probe, answer })
  }
  const answers = new Map(asked.map(({ probe, answer }) => [probe.id, answer]))
  const answerTo = ({ id }: Probe): Answer => answers.get(id) ?? { result: 'refused', message: 'was not asked' }
  const profile = profileFrom(answerTo(wiringProbe))
  const owner = ownerFrom(answerTo(ownerProbe))
  return {
    result: 'learned',
    asked,
    findings: {
      ...(profile ? { profile } : {}),
      placeholders: placeholdersFrom(names, own, answerTo),
      ...(owner ? { ownerFrom: owner } : {}),
      notes: [
        ...(profile
          ? []
          : ['which of its two wirings judges the kinds could not be told: catalog.profile is left out']),
        ...(owner
          ? []
          : ['something else than CODEOWNERS gives an owner to what has none: catalog.ownerFrom is left out']),
      ],
    },
  }
}

type AnswerTo = (probe: Probe) => Answer

function profileFrom(answer: Answer): Found<'builtin' | 'model'> | undefined {
  const by = answer.result === 'refused' ? answer.by : undefined
  if (by === 'ModelProcessor') return { value: 'model', from: 'Backstage: ModelProcessor judges its kinds' }
  if (by === 'BuiltinKindsEntityProcessor')
    return { value: 'builtin', from: 'Backstage: BuiltinKindsEntityProcessor judges its kinds' }
  return undefined
}

/** Any other refusal is that of the missing owner itself: the module, were it there, would have come first. */
function ownerFrom(answer: Answer): Found<'none' | 'codeowners'> | undefined {
  if (answer.result === 'accepted') return undefined
  if (answer.by === 'CodeOwnersProcessor')
    return { value: 'codeowners', from: 'Backstage: CodeOwnersProcessor looked for CODEOWNERS' }
  return { value: 'none', from: 'Backstage: nothing gave an owner to what has none' }
}

function placeholdersFrom(names: readonly string[], own: readonly string[], answerTo: AnswerTo): Found<string[]> {
  const isThere = (name: string) => {
    const answer = answerTo(placeholderProbe(name))
    if (answer.result === 'refused' && answer.by === 'PlaceholderProcessor') return true
    if (!own.includes(name)) return false
    const quiet = answerTo(quietPlaceholderProbe(name))
    return quiet.result === 'accepted' || quiet.by === 'PlaceholderProcessor'
  }
  const there = names.filter(isThere)
  const missing = names.filter(name => !there.includes(name))
  return {
    value: there,
    from: `Backstage: each was asked for${missing.length > 0 ? `; it has no ${missing.map(name => `$${name}`).join(', ')}` : ''}`,
  }
}
