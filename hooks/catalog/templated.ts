// Skeletons of software templates: files with holes that are no entities yet, and must be left alone.
//
// The biggest source of false rejections: 173 of 1,607 real files (facts of November 2026). A `kind: Template` itself is always checked.
import { isMapValue, mapAt } from './check.ts'
import type { ParsedDocument } from './parse.ts'

const FOLDERS = new Set(['skeleton', 'skeletons', 'content', 'template', 'templates'])

/** By its path, or by a template engine's block tag anywhere. */
export function isTemplatedText(path: string, text: string): boolean {
  return (
    path
      .split('/')
      .slice(0, -1)
      .some(folder => FOLDERS.has(folder.toLowerCase())) || text.includes('{%')
  )
}

export function isTemplatedDocument(
  parsed: Exclude<ParsedDocument, { result: 'empty' }>,
  text: string,
  templatedText: boolean,
): boolean {
  if (parsed.result === 'broken') {
    // Its kind cannot be known; a file with holes that is not YAML is most likely a skeleton, unless it says that it is a Template.
    const holes = templatedText || /^\s*name:\s*["']?(?:[\w.-]*)\$?\{\{/m.test(text)
    return holes && !/^kind:\s*["']?Template\b/m.test(text)
  }
  if (!isMapValue(parsed.value) || parsed.value.kind === 'Template') return false
  const { name } = mapAt(parsed.value, 'metadata')
  return templatedText || hasHole(name)
}

/** `${{ … }}` or `{{ … }}`; unquoted, the latter is read as a map whose key is a map. */
function hasHole(name: unknown): boolean {
  if (typeof name === 'string') return name.includes('{{')
  return isMapValue(name) && Object.keys(name).some(key => key.startsWith('{'))
}
