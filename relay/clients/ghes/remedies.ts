// The way out of each refusal: what all who ask share, in the names of their settings, and what the relay says. Its token may read, and nothing else.
import { type NetworkSettings, waysOut } from '../failed-call.ts'
import { loginAskedFor, redirectedTo } from '../trouble.ts'
import type { Refused, Remedies } from './refusal.ts'

/** What hangs on the token and on what it is used for: nobody shares it. */
type Own = 'bad-credentials' | 'forbidden' | 'hidden' | 'not-found' | 'invalid' | 'repository-moved'

export function sharedRemedies(settings: NetworkSettings): Omit<Remedies, Own> {
  const { address } = settings
  const isItRight = ({ apiBaseUrl, headers }: Refused) => {
    const login = loginAskedFor(headers)
    const who = login === undefined ? 'a proxy, a firewall, a login' : `it asks for ${login}`
    return `is ${address} right? It is ${apiBaseUrl}; usual is https://HOST/api/v3. Or something in between answers (${who})`
  }
  const later = () => 'try again; when it stays, look at the appliance'
  return {
    limited: ({ retryAfterMs = 0 }) =>
      `GHES limits the rate of this token; try again in ${Math.ceil(retryAfterMs / 1000)} s, or exempt its user: ghe-config app.github.rate-limiting-exempt-users`,
    'limited-on-the-way': ({ retryAfterMs = 0 }) =>
      `a proxy or firewall limits the rate; try again in ${Math.ceil(retryAfterMs / 1000)} s, or exempt us there`,
    down: later,
    maintenance: () => 'GHES is in maintenance mode; try again when it is over',
    'graphql-error': later,
    redirect: ({ headers, apiBaseUrl }) => {
      // Without it the address is GHES's pages for people, which send whoever has not logged in elsewhere.
      if (!/\/api\/v3$|\/\/api\./.test(apiBaseUrl))
        return `${address} is ${apiBaseUrl}, without /api/v3 at its end; usual is https://HOST/api/v3`
      return `${address} is not the final address, it redirects${redirectedTo(headers)}; put the final one there`
    },
    'not-the-api': isItRight,
    'odd-status': isItRight,
    ...waysOut(settings),
  }
}

/** GHES takes nothing of what was sent, and nobody knows why. */
export const ourFault =
  'GHES does not take what was sent; this may be a fault of ours, please report it with the line above'

const mayRead = 'it needs to read contents and metadata of the repositories'

const notThisApp = () =>
  'is the id that of the GitHub App on this GHES, and the private key one of its keys? A clock that is off is made up for'

/** Of the few requests that an App makes as itself. */
export const appRemedies: Remedies = {
  ...sharedRemedies({
    address: 'ghe.apiBaseUrl',
    authority: 'ghe.caFile',
    noWay: 'give the relay a way into the network of the appliance',
    again: 'try again',
  }),
  'bad-credentials': notThisApp,
  forbidden: () => 'the installation of the GitHub App is suspended; an owner of the organization can lift that',
  hidden: () =>
    'install the GitHub App in the organizations whose repositories are to be seen, with contents and metadata: read',
  'not-found': refused =>
    refused.request.includes('access_tokens')
      ? 'the installation of the GitHub App is gone; install it again'
      : notThisApp(),
  invalid: () => ourFault,
  'repository-moved': () => ourFault,
}

export const relayRemedies: Remedies = {
  ...sharedRemedies({
    address: 'ghe.apiBaseUrl',
    authority: 'ghe.caFile',
    noWay: 'give the relay a way into the network of the appliance',
    again: 'try again',
  }),
  'bad-credentials': () => 'ghe.token is not valid there; put a valid one into its file, no restart is needed',
  forbidden: () => `ghe.token lacks a permission; ${mayRead}`,
  hidden: () => `ghe.token is not allowed to see it; ${mayRead}`,
  'not-found': () => `it is not there, or ghe.token is not allowed to see it; ${mayRead}`,
  invalid: () => ourFault,
  'repository-moved': () => 'the repository was renamed or transferred; its new name comes by webhook or reconcile',
}
