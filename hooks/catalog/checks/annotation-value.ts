// Values of well-known annotations that their readers cannot use: a location without its type, a URL where owner/name belongs.
import { type Found, mapAt, type Subject } from '../check.ts'

type Wrong = { expected: string; proposal?: string }

const LOCATION = '"url:" and a URL'

/** By key. What parses them: parseLocationRef of @backstage/catalog-model for locations, the plugins' own code for slugs. */
const WRONG_IN: Record<string, (value: string) => Wrong | undefined> = {
  'backstage.io/techdocs-ref': wrongDocs,
  'backstage.io/techdocs-entity': wrongEntity,
  'backstage.io/source-location': wrongSource,
  'backstage.io/view-url': wrongPage,
  'backstage.io/edit-url': wrongPage,
  'github.com/project-slug': value => wrongSlug(value, 'owner/name', /^[^/\s]+\/[^/\s]+$/),
  'github.com/team-slug': value => wrongSlug(value, 'owner/team', /^[^/\s]+\/[^/\s]+$/),
  'gitlab.com/project-slug': value => wrongSlug(value, 'group/name', /^[^/\s]+(?:\/[^/\s]+)+$/),
  'bitbucket.org/project-slug': value => wrongSlug(value, 'owner/name', /^[^/\s]+(?:\/[^/\s]+)+$/),
  'circleci.com/project-slug': value => onlyNoUrl(value, 'github/owner/name'),
  'rollbar.com/project-slug': value => onlyNoUrl(value, "the project's name"),
  'sentry.io/project-slug': value => onlyNoUrl(value, "the project's name"),
  'buildkite.com/project-slug': value => onlyNoUrl(value, 'organization/pipeline'),
  'github.com/user-login': wrongLogin,
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

/** Both sides of the colon are trimmed by parseLocationRef. */
function locationOf(value: string): { type: string; target: string } {
  const [, type = '', target = ''] = /^([^:]*):([\s\S]*)$/.exec(value) ?? []
  return { type: type.trim(), target: target.trim() }
}

function wrongDocs(value: string): Wrong | undefined {
  const { type, target } = locationOf(value)
  const expected = '"dir:" and a folder, or "url:" and a URL'
  if (target !== '' && (type === 'dir' || type === 'url') && isUrl(target) === (type === 'url')) return undefined
  if (isUrl(value)) return { expected, proposal: `url:${value}` }
  // Types of old, `github:https://…`.
  if (isUrl(target)) return { expected, proposal: `url:${target}` }
  const isFolder = ['', 'file', 'dir', 'url'].includes(type.toLowerCase())
  const folder = isFolder ? target || (type === '' ? value.trim() : '') : ''
  return folder === '' || folder.includes(':') ? { expected } : { expected, proposal: `dir:${folder}` }
}

/** Types that are none, or another one's: what git clones from, and `url` in other letters. */
const NO_SOURCE = /^(?:url|dir|git|ssh|github|.*@.*)$/i

function wrongSource(value: string): Wrong | undefined {
  const { type, target } = locationOf(value)
  const isTaken = type === 'url' ? isUrl(target) : !['', 'http', 'https'].includes(type) && !NO_SOURCE.test(type)
  if (isTaken && target !== '') return undefined
  const [, host = '', path = ''] = /^[\w.-]+@([\w.-]+):\/?(.+?)(?:\.git)?\/?$/.exec(value) ?? []
  const url = host === '' ? [value, target].find(text => /^https?:\/\//.test(text)) : `https://${host}/${path}`
  if (url === undefined) return { expected: LOCATION }
  // Paths are read relative to it, and what is a folder has to end like one.
  const isFile = /\/(?:blob|raw)\/|\.\w+$/.test(new URL(url, url).pathname) || url.endsWith('/')
  return { expected: LOCATION, proposal: `url:${url}${isFile ? '' : '/'}` }
}

/** A link that people follow, as it stands. */
function wrongPage(value: string): Wrong | undefined {
  if (isUrl(value.trim())) return undefined
  const { target } = locationOf(value)
  return { expected: 'a URL', ...(isUrl(target) ? { proposal: target } : {}) }
}

/** It is read without a default kind. */
function wrongEntity(value: string): Wrong | undefined {
  return value.includes(':') ? undefined : { expected: 'kind:namespace/name' }
}

function wrongLogin(value: string): Wrong | undefined {
  const [, login] = /^@([\w-]+)$/.exec(value) ?? []
  const expected = "the user's login"
  return login === undefined ? onlyNoUrl(value, expected) : { expected, proposal: login }
}

function wrongSlug(value: string, expected: string, shape: RegExp): Wrong | undefined {
  const path = pathOf(value)
  if (path === undefined && shape.test(value) && !value.endsWith('.git')) return undefined
  const proposal = path ?? asSlug(value)
  return { expected, ...(shape.test(proposal) ? { proposal } : {}) }
}

/** What a hand adds to a slug: blanks, a slash at an end, ".git", a host before it. */
const asSlug = (value: string) =>
  value
    .replace(/\s*\/\s*/g, '/')
    .replace(/^[\w-]+(?:\.[\w-]+)+\/(?=[^/]+\/[^/]+)/, '')
    .replace(/^\/|\/$/g, '')
    .replace(/\.git$/, '')

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
