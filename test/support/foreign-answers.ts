// What stands between us and a target may answer in its place: as seen from proxies, gateways, firewalls and pages to log in.
import type { Answer } from './stand-in.ts'

const json = { 'content-type': 'application/json' }
const page = { 'content-type': 'text/html; charset=utf-8' }

/** By who answers. None of them is GHES's or Backstage's. */
export const FOREIGN_ANSWERS: Readonly<Record<string, Answer>> = {
  'a proxy without a way, 404': {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '404 page not found\n',
  },
  'an ingress, 404 as text': { status: 404, headers: { 'content-type': 'text/plain' }, body: 'default backend - 404' },
  'an ingress, 404 as JSON': { status: 404, headers: json, body: { code: 404, message: 'service not found' } },
  'an API gateway, 404': {
    status: 404,
    headers: { ...json, server: 'gateway/3.4' },
    body: { message: 'no Route matched with those values', request_id: 'f0e1' },
  },
  'an API gateway in the very words of GHES': {
    status: 404,
    headers: { ...json, 'x-amzn-requestid': '1' },
    body: { message: 'Not Found' },
  },
  'a gateway with an error of its own': {
    status: 404,
    headers: json,
    body: { error: { code: 404, message: 'not found', status: 'NOT_FOUND' } },
  },
  'a service mesh, 404 with nothing': { status: 404 },
  'a page of another application, 404': { status: 404, headers: page, body: '<html><h1>Not found</h1></html>' },
  'a page to log in, 200': { status: 200, headers: page, body: '<html><form action="/login"></form></html>' },
  'a health page, 200': { status: 200, headers: json, body: { status: 'ok' } },
  'a web server that says nothing, 200': { status: 200, headers: { 'content-type': 'text/html' }, body: '' },
  'a gateway with an empty list, 200': { status: 200, headers: json, body: [] },
  'a gateway with an empty object, 200': { status: 200, headers: json, body: {} },
  'null, 200': { status: 200, headers: json, body: 'null' },
  'a page to log in, 404': { status: 404, headers: page, body: '<html><form action="/login"></form></html>' },
  'a page to log in, called JSON': { status: 200, headers: json, body: '<html></html>' },
  'a firewall, 406': { status: 406, headers: page, body: '<html>Not acceptable</html>' },
  'a proxy that wants a login of its own, 407': { status: 407 },
  'a legal notice, 451': { status: 451, headers: page, body: '<html></html>' },
  'an error of another application, named like one of the catalog': {
    status: 404,
    headers: json,
    body: { error: 'NotFoundError', message: 'no such page' },
  },
  'the catalog’s own error under another status': {
    status: 400,
    headers: json,
    body: { error: { name: 'NotFoundError', message: 'not found' } },
  },
  'a cache with nothing, 204': { status: 204 },
  'a firewall, 400': { status: 400, headers: page, body: '<html>The request was rejected. Support ID: 1</html>' },
  'a firewall, 400 as JSON': { status: 400, headers: json, body: { error: 'Request blocked', id: '1' } },
  'a proxy, 409': { status: 409, headers: { 'content-type': 'text/plain' }, body: 'conflict' },
  'a proxy, 410': { status: 410 },
  'a gateway, 422': { status: 422, headers: json, body: { detail: 'unprocessable' } },
  'a redirect to log in': {
    status: 302,
    headers: { location: 'https://login.example.com/?return_to=/api/v3/repositories/42' },
  },
  'a redirect to another host, 301': { status: 301, headers: { location: 'https://elsewhere.example.com/' } },
  'a redirect to log in, 307': { status: 307, headers: { location: 'https://login.example.com/' } },
  'a redirect to itself, 308': { status: 308, headers: { location: '/' } },
  'a redirect without a place, 303': { status: 303 },
  'a part of something, 206': { status: 206, headers: { ...json, 'content-range': 'bytes 0-1/2' }, body: '{}' },
  'taken for later by a gateway, 202': { status: 202, headers: json, body: { status: 'queued' } },
  'not changed, though nobody has asked so, 304': { status: 304 },
  'JSON that is cut off, 200': { status: 200, headers: json, body: '{"object": {"sha": "' },
  'called gzip, and none': {
    status: 200,
    headers: { ...json, 'content-encoding': 'gzip' },
    body: new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]),
  },
  'a gateway, 502 as JSON': { status: 502, headers: json, body: { message: 'Bad Gateway' } },
  'a maintenance page, 503': {
    status: 503,
    headers: { ...page, 'retry-after': '0' },
    body: '<html>Back soon</html>',
  },
  'a firewall with a page of a megabyte': { status: 404, headers: page, body: 'x'.repeat(1_000_000) },
  'a load balancer without a backend, 502': { status: 502, headers: page, body: '<html>Bad Gateway</html>' },
  'a load balancer, 503': { status: 503, headers: { 'content-type': 'text/plain' }, body: 'no healthy upstream' },
}
