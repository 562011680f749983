// A relay process between a GHES and a catalog, in a temp folder: all taken away at the end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Catalog, startCatalog } from '../support/catalog.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { type RelayProcess, type RelayProcessOptions, startRelayProcess } from '../support/relay-process.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { MovableGhes } from './movable-ghes.ts'

/** Its GHES has branches that move at will. `built`: dist/relay.mjs, where its own memory counts. */
export type RelayFixture = { ghes: MovableGhes; catalog: Catalog; relay: RelayProcess; end(): Promise<void> }

export async function openRelayFixture(
  config: NonNullable<RelayProcessOptions['config']>,
  built?: boolean,
): Promise<RelayFixture> {
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
      ...(built === undefined ? {} : { built }),
      ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: catalog.url, token: 'backstage-token', refreshesPerSecond: 1000 },
      config,
    })
    return { ghes, catalog, relay, end: () => end(relay) }
  } catch (error) {
    await end()
    throw error
  }
}

/** A relay process between real repositories, which a GHES serves, and a catalog. */
export type RepositoriesFixture = Omit<RelayFixture, 'ghes'> & { host: RepositoryHost; ghes: Ghes }

export async function openRepositoriesFixture(
  config: NonNullable<RelayProcessOptions['config']>,
): Promise<RepositoriesFixture> {
  const host = await createRepositoryHost()
  const ghes = await startGhes({ root: host.root, token: 'ghe-token' })
  const catalog = await startCatalog({ token: 'backstage-token' })
  const end = async (relay?: RelayProcess) => {
    await relay?.stop()
    await Promise.all([ghes.stop(), catalog.stop()])
    await host.remove()
  }
  try {
    const relay = await startRelayProcess({
      folder: `${host.directory}/relay`,
      ghe: { apiBaseUrl: ghes.apiBaseUrl, token: 'ghe-token' },
      backstage: { baseUrl: catalog.url, token: 'backstage-token', refreshesPerSecond: 1000 },
      config,
    })
    return { host, ghes, catalog, relay, end: () => end(relay) }
  } catch (error) {
    await end()
    throw error
  }
}
