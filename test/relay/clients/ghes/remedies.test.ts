// The way out of a refusal: in the settings of who asks, by the token that he has, and never by another's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedCall } from '../../../../relay/clients/failed-call.ts'
import { type Refused, type Remedies, refusalOf, troubleOf } from '../../../../relay/clients/ghes/refusal.ts'
import { relayRemedies } from '../../../../relay/clients/ghes/remedies.ts'
import { CallFailed } from '../../../../relay/clients/http.ts'
import { accessRemedies } from '../../../../scripts/ghes/access-remedies.ts'
import { administratorRemedies } from '../../../../scripts/ghes/remedies.ts'

const administrator = administratorRemedies(() => 'ghp_verysecret')
const asked = { request: 'GET /repos/acme/svc', apiBaseUrl: 'https://ghe.example.com/api/v3', headers: {}, said: '' }

const needs = { token: 'to read contents and metadata', app: 'contents and metadata: read' }
const surveyRemedies = accessRemedies({ token: () => '' }, needs)
const surveyAsApp = accessRemedies({ app: { id: '7', privateKey: () => '' } }, needs)
const all = (remedies: Remedies): string[] =>
  Object.entries(remedies).map(([found, remedy]) => remedy({ ...asked, found: found as Refused['found'], status: 400 }))

test('whoever asks has a way out of everything that can be found', () => {
  for (const remedies of [relayRemedies, surveyRemedies, surveyAsApp, administrator])
    for (const remedy of all(remedies)) assert.match(remedy, /^\S.{6,}\S$/)
})

test('neither the relay nor the survey is told to take the token of an administrator', () => {
  for (const remedy of [...all(relayRemedies), ...all(surveyRemedies)])
    assert.doesNotMatch(remedy, /administrator|site_admin|admin:org|ghp_/)
  assert.match(all(administrator).join('\n'), /as a site administrator, with the scopes site_admin, repo, admin:org/)
})

test('each names its own settings', () => {
  assert.doesNotMatch(all(surveyRemedies).join('\n'), /ghe\.(token|apiBaseUrl|caFile)|\.yaml/)
  assert.match(all(surveyRemedies).join('\n'), /--api-url.*--ca-file/s)
  assert.doesNotMatch(all(surveyAsApp).join('\n'), /token in|--token-file/)
  for (const remedies of [relayRemedies, administrator]) {
    assert.doesNotMatch(all(remedies).join('\n'), /--api-url|--ca-file|--token-file/)
    assert.match(all(remedies).join('\n'), /ghe\.apiBaseUrl.*ghe\.caFile/s)
  }
})

test('where another than the target was not reached, it is the proxy on the way, and that is said', () => {
  const reasonOf = (code: string, more: object) => {
    const cause = Object.assign(new Error(`connect ${code}`), { code, ...more })
    const packed = new AggregateError([cause])
    const failed = failedCall(new CallFailed(cause.message, { cause: packed }), asked.apiBaseUrl)
    return troubleOf(refusalOf({ ...asked, ...failed }, relayRemedies)).reason
  }
  const theProxy =
    /^the proxy on the way to ghe\.example\.com does not answer \(.*\): look at HTTPS_PROXY, or add the host to NO_PROXY$/
  assert.match(reasonOf('ECONNREFUSED', { address: '10.0.0.1', port: 3128 }), theProxy)
  assert.match(reasonOf('ENOTFOUND', { hostname: 'proxy.example.com' }), theProxy)
  assert.match(reasonOf('ECONNREFUSED', { address: '10.0.0.1', port: 443 }), /^nothing listens at/)
  assert.match(reasonOf('ENOTFOUND', { hostname: 'ghe.example.com' }), /^the name ghe\.example\.com is not known/)
})

test('what passes by itself is said in short; what does not, with the way out', () => {
  const reasonOf = (code: string) => {
    const cause = Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code })
    const failed = failedCall(new CallFailed(cause.message, { cause }), asked.apiBaseUrl)
    const { kind, reason } = troubleOf(refusalOf({ ...asked, ...failed }, relayRemedies))
    return `${kind}: ${reason}`
  }
  assert.equal(
    reasonOf('ECONNREFUSED'),
    'down: nothing listens at ghe.example.com:443 (connect ECONNREFUSED 192.0.2.1:443): look at port and host in ghe.apiBaseUrl',
  )
  assert.equal(
    reasonOf('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'down: the certificate of ghe.example.com is not trusted here (connect DEPTH_ZERO_SELF_SIGNED_CERT 192.0.2.1:443): name the authority that signed it in ghe.caFile (PEM)',
  )
  assert.equal(
    reasonOf('ECONNRESET'),
    'down: the connection to ghe.example.com was cut (connect ECONNRESET 192.0.2.1:443)',
  )
})
