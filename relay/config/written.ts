// relay.yaml as its schema allows it: before defaults, and before files are read.
import type { CatalogGlobs } from '../../schemas/catalog-globs.ts'
import type { SecretSource } from './secrets.ts'
import type { TlsFiles } from './tls.ts'

export type Written = {
  listen?: string | ({ address: string } & TlsFiles)
  admin?: string
  adminHosts?: string[]
  store?: SecretSource
  catalog?: Partial<CatalogGlobs>
  secrets: { hook: SecretSource[]; webhook?: SecretSource[]; backstage?: SecretSource[]; admin?: SecretSource }
  ghe: Partial<WrittenTarget> & {
    app?: { id: string | number; privateKey: SecretSource }
    host: string
    apiBaseUrl: string
    statuses?: boolean
  }
  backstage: WrittenTarget & {
    baseUrl: string
    appUrl?: string
    refreshesPerSecond?: number
    register?: boolean
    removed?: 'refresh' | 'unregister'
    locations?: string[]
  }
  chat?: { url: SecretSource; after?: string }
  survey?: string
  enforcement?: string
  lookups?: { enabled?: boolean }
  landing?: { firstCheckMs?: number; giveUpAfter?: string }
  retry?: { firstMs?: number; maxMs?: number; giveUpAfter?: string }
  reconcile?: { organizations?: string[]; every?: string; webhookUrl?: string }
}

export type WrittenTarget = { token: SecretSource; caFile?: string }
