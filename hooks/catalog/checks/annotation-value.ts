// Values of well-known annotations that their readers cannot use: a location without its type, a URL where owner/name belongs.
import { type Found, mapAt, type Subject } from '../check.ts'

type Wrong = { expected: string; proposal?: string }

const LOCATION = '"url:" and a URL'

/** By key. What parses them: parseLocationRef of @backstage/catalog-model for locations, the plugins' own code for slugs. */
const WRONG_IN: Record<string, (value: string) => Wrong | undefined> = {
  'backstage.io/techdocs-ref': wrongDocs,
  'backstage.io/source-location': wrongSource,
  'github.com/project-slug': value => wrongSlug(value, 'owner/name', /^[^/]+\/[^/]+$/),
  'github.com/team-slug': value => wrongSlug(value, 'owner/team', /^[^/]+\/[^/]+$/),
  'gitlab.com/project-slug': value => wrongSlug(value, 'group/name', /^[^/]+(?:\/[^/]+)+$/),
  'bitbucket.org/project-slug': value => wrongSlug(value, 'owner/name', /^[^/]+(?:\/[^/]+)+$/),
  'circleci.com/project-slug': value => onlyNoUrl(value, 'github/owner/name'),
  'rollbar.com/project-slug': value => onlyNoUrl(value, "the project's name"),
  'sentry.io/project-slug': value => onlyNoUrl(value, "the project's name"),
  'buildkite.com/project-slug': value => onlyNoUrl(value, 'organization/pipeline'),
  'github.com/user-login': value => onlyNoUrl(value, "the user's login"),
}

/** `hasOwnDocs`: the site's Backstage reads where documentation lies, which it does not where that is built elsewhere. */
export function checkAnnotationValues({ written }: Subject, hasOwnDocs: boolean, found: Found): void {
  const annotations = mapAt(mapAt(written, 'metadata'), 'annotations')
  for (const [key, value] of Object.entries(annotations)) {
    if (!Object.hasOwn(WRONG_IN, key) || typeof value !== 'string' || value.trim() === '' || hasHole(value)) continue
    if (key === 'backstage.io/techdocs-ref' && !hasOwnDocs) continue
    const wrong = WRONG_IN[key]?.(value)
    if (wrong === undefined) continue
    const path = ['metadata', 'annotations', key]
    found({ code: 'annotation-value', facts: { key, found: value, ...wrong }, path, part: 'value' })
  }
}

/** What some tool will fill in. */
export const hasHole = (text: string) => /\{\{|\{%|\$\{|<%/.test(text)

const isUrl = (value: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(value)

function wrongDocs(value: string): Wrong | undefined {
  const [, type = '', target = ''] = /^([^:]*):([\s\S]*)$/.exec(value) ?? []
  if (['dir', 'url'].includes(type) && target !== '') return undefined
  const expected = '"dir:" and a folder, or "url:" and a URL'
  if (isUrl(value)) return { expected, proposal: `url:${value}` }
  // Types of old, `github:https://…`.
  if (isUrl(target)) return { expected, proposal: `url:${target}` }
  const folder = (type === '' || type === 'file' ? target || value : '').trim()
  return folder === '' || folder.includes(':') ? { expected } : { expected, proposal: `dir:${folder}` }
}

function wrongSource(value: string): Wrong | undefined {
  const colon = value.indexOf(':')
  const type = value.slice(0, Math.max(0, colon))
  if (!['', 'http', 'https'].includes(type) && colon < value.length - 1) return undefined
  if (!isUrl(value)) return { expected: LOCATION }
  // Paths are read relative to it, and what is a folder has to end like one.
  const isFile = /\/(?:blob|raw)\/|\.\w+$/.test(new URL(value, value).pathname) || value.endsWith('/')
  return { expected: LOCATION, proposal: `url:${value}${isFile ? '' : '/'}` }
}

function wrongSlug(value: string, expected: string, shape: RegExp): Wrong | undefined {
  const path = pathOf(value)
  if (path === undefined) return shape.test(value) ? undefined : { expected }
  return { expected, ...(shape.test(path) ? { proposal: path } : {}) }
}

const onlyNoUrl = (value: string, expected: string): Wrong | undefined =>
  pathOf(value) === undefined ? undefined : { expected }

/** Of a URL, or what git takes for one: the part behind the host, without what only a clone or a page needs. */
function pathOf(value: string): string | undefined {
  const [, path] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/]+|[\w.-]+@[\w.-]+:)\/?(.*)$/i.exec(value) ?? []
  return path
    ?.replace(/[?#].*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
}
