// A relay process between a GHES whose branches move at will and a catalog, in a temp folder: all taken away at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { type RelayProcess, type RelayProcessOptions, startRelayProcess } from '../support/relay-process.ts'
import { MovableGhes } from './movable-ghes.ts'

export type RelayFixture = { ghes: MovableGhes; catalog: Catalog; relay: RelayProcess; end(): Promise<void> }

export async function openRelayFixture(config: NonNullable<RelayProcessOptions['config']>): Promise<RelayFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-relay-'))
  const ghes = await new MovableGhes().start()
  const catalog = await startCatalog({ token: 'backstage-token' })
  const end = async (relay?: RelayProcess) => {
    await relay?.stop()
    await Promise.all([ghes.stop(), catalog.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const relay = await startRelayProcess({
      folder,
      ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: catalog.url, token: 'backstage-token' },
      config,
    })
    return { ghes, catalog, relay, end: () => end(relay) }
  } catch (error) {
    await end()
    throw error
  }
}
