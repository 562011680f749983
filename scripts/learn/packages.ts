// Which modules of Backstage's a package.json beside the configuration names. That one is named does not say that it runs; only a live Backstage does.
import { dirname, join } from 'node:path'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import type { AppConfig } from '../backstage/app-config.ts'
import type { Findings } from './findings.ts'

const OPENAPI = '@backstage/plugin-catalog-backend-module-openapi'
const CODEOWNERS = '@backstage-community/plugin-catalog-backend-module-codeowners'
const AI_MODEL = '@backstage/plugin-catalog-backend-module-ai-model'

/** `readFile` gives undefined for a file that is not there. */
export function learnFromPackages(config: AppConfig, readFile: (path: string) => string | undefined): Findings {
  const folders = [...new Set(config.paths.map(path => dirname(path)))]
  const files = folders.flatMap(folder => [join(folder, 'package.json'), join(folder, 'packages/backend/package.json')])
  const named = new Map<string, string>()
  const read: string[] = []
  for (const path of files) {
    const text = readFile(path)
    if (text === undefined) continue
    read.push(path)
    for (const name of dependenciesIn(text)) if (!named.has(name)) named.set(name, path)
  }
  if (read.length === 0)
    return {
      notes: [`no package.json beside ${config.paths.join(', ')}: which modules are installed is not known from there`],
    }
  const from = (name: string) => `${named.get(name)}: ${name}`
  return {
    ...(named.has(OPENAPI) ? { placeholders: { value: plainInstallation.placeholders, from: from(OPENAPI) } } : {}),
    ...(named.has(CODEOWNERS) ? { ownerFrom: { value: 'codeowners', from: from(CODEOWNERS) } } : {}),
    ...(named.has(AI_MODEL) ? { profile: { value: 'model', from: from(AI_MODEL) } } : {}),
    notes: [],
  }
}

function dependenciesIn(text: string): string[] {
  try {
    const { dependencies } = JSON.parse(text) as { dependencies?: object }
    return Object.keys(dependencies ?? {})
  } catch {
    return []
  }
}
