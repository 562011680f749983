// Who may change something on the inside: the bearer of secrets.admin.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Secret } from '../config/secrets.ts'

export type AdminToken = { adminSecret?: Secret }

/** Digests, so that texts of any length compare in the same time. */
export function isAdmin({ adminSecret }: AdminToken, request: FastifyRequest): boolean {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (adminSecret === undefined || given === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(adminSecret()))
}

export function unauthorized({ adminSecret }: AdminToken, reply: FastifyReply): FastifyReply {
  const error =
    adminSecret === undefined ? 'secrets.admin is not configured' : 'expected the bearer token of secrets.admin'
  return reply.code(401).header('www-authenticate', 'Bearer').send({ error })
}
