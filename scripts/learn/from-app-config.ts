// What app-config files say of an installation: rules, where documentation is built, processors that are turned off.
import { type AppConfig, isOpen } from '../backstage/app-config.ts'
import type { Findings } from './findings.ts'
import { learnRules } from './rules.ts'

export function learnFromAppConfig(config: AppConfig): Findings {
  const rules = learnRules(config)
  const techdocs = learnTechdocs(config)
  const processors = learnProcessors(config)
  return { ...rules, ...techdocs, ...processors, notes: [rules, techdocs, processors].flatMap(({ notes }) => notes) }
}

function learnTechdocs(config: AppConfig): Findings {
  const builder = config.decided('techdocs', 'builder')
  if (builder === undefined)
    return { notes: ['where docs are built is not said (techdocs.builder): catalog.techdocs is left out'] }
  const { value, path } = builder
  if (value === 'local' || value === 'external')
    return { techdocs: { value, from: `${path}: techdocs.builder` }, notes: [] }
  const why = isOpen(value) ? 'is only known where Backstage runs' : 'is neither local nor external'
  return { notes: [`${path}: techdocs.builder ${why}: catalog.techdocs is left out`] }
}

function learnProcessors(config: AppConfig): Findings {
  const disabled = (processor: string) => config.decided('catalog', 'processorOptions', processor, 'disabled')?.value
  const isOff = (processor: string) => isTrue(disabled(processor))
  const off = (processor: string) => `catalog.processorOptions.${processor}.disabled`
  return {
    ...(isOff('CodeOwnersProcessor') ? { ownerFrom: { value: 'none', from: off('CodeOwnersProcessor') } } : {}),
    ...(isOff('PlaceholderProcessor') ? { placeholders: { value: [], from: off('PlaceholderProcessor') } } : {}),
    notes: ['CodeOwnersProcessor', 'PlaceholderProcessor']
      .filter(processor => isOpen(disabled(processor)))
      .map(processor => `${off(processor)} is only known where Backstage runs: the processor is taken to run`),
  }
}

/** As Backstage's ConfigReader has it: variables are texts. */
const isTrue = (value: unknown) => /^(?:y|yes|true|1|on)$/i.test(String(value).trim())
