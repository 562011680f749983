// How Backstage reaches GHES: wrong addresses make it ask github.com, or a page instead of the API.
import { isMap } from '../../../schemas/unknown.ts'
import { isOpen } from '../../backstage/app-config.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import { type Inspected, isPlain, listIn, placeOf, textAt } from './inspected.ts'

export function checkIntegrations(inspected: Inspected): Finding[] {
  const value = inspected.config.decided('integrations', 'github')?.value
  if (isMap(value) && isOpen(value)) return []
  if (isMap(value))
    return [
      wrong(
        'integrations.github',
        `${placeOf(inspected, 'integrations', 'github')} is a map; expected a list`,
        'integrations: { github: [{ host, apiBaseUrl, token }] }',
      ),
    ]
  return listIn(value)
    .filter(isMap)
    .flatMap((one, index) => integration(one, `${placeOf(inspected, 'integrations', 'github')}[${index}]`))
}

function integration(one: Record<string, unknown>, place: string): Finding[] {
  const host = textAt(one, 'host') ?? 'github.com'
  const check = `integration ${host}`
  const findings = [...addresses(one, host, place, check), ...credentials(one, place, check)]
  return findings.length > 0
    ? findings
    : [ok(check, `it asks ${textAt(one, 'apiBaseUrl') ?? 'https://api.github.com'}`)]
}

function addresses(one: Record<string, unknown>, host: string, place: string, check: string): Finding[] {
  if (isOpen(host)) return []
  if (/[/@\s]/.test(host))
    return [
      wrong(
        check,
        `${place}.host is no host: the backend does not start; expected the name alone`,
        `host: ${URL.canParse(host) ? new URL(host).host : 'ghe.example.com'}`,
      ),
    ]
  if (host === 'github.com') return []
  const apiBaseUrl = textAt(one, 'apiBaseUrl')
  const expected = host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`
  const out = `apiBaseUrl: ${expected}`
  if (apiBaseUrl === undefined)
    return [wrong(check, `${place} has no apiBaseUrl: Backstage cannot read its files; expected ${expected}`, out)]
  if (isOpen(apiBaseUrl)) return []
  if (!URL.canParse(apiBaseUrl)) return [wrong(check, `${place}.apiBaseUrl is no address; expected ${expected}`, out)]
  const url = new URL(apiBaseUrl)
  const isData = host.endsWith('.ghe.com') // GitHub Enterprise Cloud with data residency has no /api/v3
  if (!isData && !/^\/api\/v3\/?$/.test(url.pathname))
    return [
      wrong(
        check,
        `${place}.apiBaseUrl does not end with /api/v3: files are not found, and scans ask a wrong GraphQL address; expected ${expected}`,
        out,
      ),
    ]
  return [...otherHost(url, host, place, check), ...unencrypted(url, place, check)]
}

function otherHost(url: URL, host: string, place: string, check: string): Finding[] {
  if (url.hostname === host.replace(/:\d+$/, '') || url.hostname.endsWith('.ghe.com')) return []
  return [
    warning(
      check,
      `${place}: host is ${host}, and apiBaseUrl is at ${url.host}: files of one instance are asked of another; expected the same`,
      'right where a proxy stands before GHES; else correct one of them. One entry an instance',
    ),
  ]
}

function unencrypted(url: URL, place: string, check: string): Finding[] {
  if (url.protocol === 'https:' || /^(?:localhost|127\..*|\[::1\])$/.test(url.hostname)) return []
  return [
    warning(
      check,
      `${place}.apiBaseUrl is ${url.protocol}//: the token goes over the net unencrypted`,
      `https://${url.host}${url.pathname}`,
    ),
  ]
}

function credentials(one: Record<string, unknown>, place: string, check: string): Finding[] {
  const apps = listIn(one['apps']).filter(isMap)
  const plain = [one, ...apps].some(map =>
    ['token', 'clientSecret', 'privateKey', 'webhookSecret'].some(key => isPlain(map[key])),
  )
  const hasAny = (one['token'] ?? '') !== '' || apps.length > 0 || isOpen(one['apps'])
  return [
    ...(hasAny
      ? []
      : [
          warning(
            check,
            `${place} has neither token nor apps: private and internal repositories are not found; expected one`,
            `token: "\${GHES_TOKEN}", which reads contents and metadata`,
          ),
        ]),
    ...(plain
      ? [
          warning(
            check,
            `${place}: a token or key is there in plain text; expected a variable`,
            `"\${GHES_TOKEN}" or so, and a new one where others can read the file`,
          ),
        ]
      : []),
  ]
}
