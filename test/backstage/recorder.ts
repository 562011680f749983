// Stands between the relay and the real Backstage: records every call, passes it on unchanged, and can fail or be away.
import { type Answer, StandIn, type StandInRequest } from '../support/stand-in.ts'

export async function startRecorder(backstageUrl: string): Promise<StandIn> {
  const kind = ({ method, url }: StandInRequest) =>
    method === 'POST' && url.pathname === '/api/catalog/refresh' ? 'refresh' : 'other'
  return new StandIn({ kind, answer: request => passOn(backstageUrl, request) }).start()
}

async function passOn(backstageUrl: string, { method, url, headers, body }: StandInRequest): Promise<Answer> {
  const passed = ['authorization', 'content-type', 'accept'].flatMap(name => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as const] : []
  })
  const response = await fetch(`${backstageUrl}${url.pathname}${url.search}`, {
    method,
    headers: Object.fromEntries(passed),
    redirect: 'manual',
    ...(body === '' ? {} : { body }),
  })
  const type = response.headers.get('content-type')
  return {
    status: response.status,
    body: await response.text(),
    ...(type ? { headers: { 'content-type': type } } : {}),
  }
}
