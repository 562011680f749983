// The relay's way in by itself, for relay-intake.ts, which bundles it as the relay is: with the SQLite store, or with one that stores nothing.
import type { AddressInfo } from 'node:net'
import { catalogPathTest } from '../../relay/intake/catalog-paths.ts'
import { openIntake } from '../../relay/intake/server.ts'
import { systemClock } from '../../relay/runtime/clock.ts'
import { keepYoungSpaceSmall } from '../../relay/runtime/heap.ts'
import { openLog } from '../../relay/runtime/log.ts'
import { openSqliteStore } from '../../relay/store/sqlite/sqlite-store.ts'
import type { Store } from '../../relay/store/store.ts'
import { CATALOG_DEFAULTS } from '../../schemas/catalog-globs.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'

keepYoungSpaceSmall()
const [, , path] = process.argv
const nothing: Pick<Store, 'accept' | 'backlog' | 'probe'> = {
  accept: async () => ({ result: 'stored' }),
  backlog: () => 0,
  probe: async () => {},
}
const app = openIntake({
  store: path === undefined ? (nothing as Store) : openSqliteStore({ path, now: systemClock.now }),
  clock: systemClock,
  wallMs: Date.now,
  // As in production: every accepted push is a log line.
  log: openLog({ write() {} }, 'info'),
  hookSecrets: [() => HOOK_SECRET, () => HOOK_SECRET],
  isCatalogFile: catalogPathTest(CATALOG_DEFAULTS),
  firstCheckMs: 250,
  webhookSecrets: [],
  onLanded: () => {},
  onAccepted: () => {},
  draining: () => false,
})
await app.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ port: (app.server.address() as AddressInfo).port })
process.on('message', () => process.send?.({ rss: process.memoryUsage.rss() }))
