// Near-valid files of the project's own agreement test, each in a repository that holds what it names.
import { parseAllDocuments } from 'yaml'
import { mutant } from '../../agreement/mutants.ts'
import type { Case } from './case.ts'
import { HOST, OWNER } from './installations.ts'

const PATH = 'catalog-info.yaml'

export function standAlone(seed: number, index: number): Case {
  const name = `c${index}`
  const { bytes, operators } = mutant(seed, index, name)
  // What says org/repo means its own repository. Bytes that are no UTF-8 stay as they are.
  const text = bytes.toString('latin1').replaceAll(`${HOST}/org/repo/`, `${HOST}/${OWNER}/${name}/`)
  const file = Buffer.from(text, 'latin1')
  return { name, operators, path: PATH, tree: new Map([...namedBy(file, name), [PATH, file]]) }
}

/** The files of its repository that it names: "{}" for a placeholder, nothing for a Location. */
function namedBy(file: Buffer, name: string): Map<string, Buffer> {
  const named = new Map<string, Buffer>()
  const root = `https://${HOST}/${OWNER}/${name}/tree/main/`
  const add = (target: unknown, text: string) => {
    if (typeof target !== 'string' || !URL.canParse(target, root)) return
    const { href } = new URL(target.replace(/\/(blob|raw|edit)\/main\//, '/tree/main/'), root)
    const path = href.startsWith(root) ? pathIn(new URL(href).pathname.slice(new URL(root).pathname.length)) : ''
    if (path !== '' && !named.has(path)) named.set(path, Buffer.from(text))
  }
  const seen = new Set<unknown>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    for (const [key, item] of Object.entries(value)) {
      if (key === 'target') add(item, '# nothing\n')
      else if (key === 'targets' && Array.isArray(item)) for (const target of item) add(target, '# nothing\n')
      else if (key.startsWith('$')) add(item, '{}')
      look(item)
    }
  }
  for (const value of valuesIn(file)) look(value)
  return named
}

function pathIn(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return ''
  }
}

/** The values of a YAML file, as far as it can be read. */
export function valuesIn(file: Uint8Array): unknown[] {
  try {
    const text = Buffer.from(file).toString('utf8')
    return parseAllDocuments(text, { merge: false, logLevel: 'silent' }).map(document => document.toJSON())
  } catch {
    return []
  }
}
