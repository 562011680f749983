// What is so of the whole GHES, on one entity: an upgrade of GHES must not touch every other. And the catalog's ear for changed repositories.
import { setTimeout as wait } from 'node:timers/promises'
import type { Entity, EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node'
import { refreshKey } from './enrich.ts'

const NAME = 'catalog-gate-ghes'
/** What is processed anew at once must not hold up what people push. */
const KEYS_A_SECOND = 50

export class InstanceProvider implements EntityProvider {
  readonly #prefix: string
  readonly #onConnected: () => void
  #connection: EntityProviderConnection | undefined

  constructor(prefix: string, onConnected: () => void) {
    this.#prefix = prefix
    this.#onConnected = onConnected
  }

  getProviderName(): string {
    return NAME
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection
    this.#onConnected()
  }

  async version(host: string, version: string): Promise<void> {
    const entity = instanceEntity(this.#prefix, host, version)
    await this.#connection?.applyMutation({ type: 'full', entities: [{ entity, locationKey: NAME }] })
  }

  async changed(repositories: readonly string[]): Promise<void> {
    for (let at = 0; at < repositories.length; at += KEYS_A_SECOND) {
      if (at > 0) await wait(1000)
      await this.#connection?.refresh({ keys: repositories.slice(at, at + KEYS_A_SECOND).map(refreshKey) })
    }
  }
}

/** A Location without targets: the catalog takes one whatever its rules are, and reads nothing for it. */
export function instanceEntity(prefix: string, host: string, version: string): Entity {
  const from = `catalog-gate:https://${host}`
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Location',
    metadata: {
      name: `ghes-${host.replace(/[^A-Za-z0-9.]+/g, '-').slice(0, 55)}`.replace(/[-.]+$/, ''),
      title: `GitHub Enterprise Server ${host}`,
      annotations: {
        'backstage.io/managed-by-location': from,
        'backstage.io/managed-by-origin-location': from,
        [`${prefix}/ghes-host`]: host,
        [`${prefix}/ghes-version`]: version,
      },
    },
    spec: { type: 'url', targets: [] },
  }
}
