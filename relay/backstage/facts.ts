// What the relay knows of repositories, kept in memory by asking it again and again. Each replica of Backstage has its own.
import { setTimeout as wait } from 'node:timers/promises'
import type { LoggerService } from '@backstage/backend-plugin-api'
import type { RepositoryFacts } from '../../schemas/repository-facts.ts'
import { decoded } from '../../schemas/url-path.ts'
import type { RelayClient } from './relay-client.ts'

const RETRY_MS = { first: 1_000, most: 60_000 }
/** A relay that answers at once, though it has nothing new, is asked no more often. */
const LEAST_MS = 200

type Listener = {
  /** GHES has another version than we have heard of, or we hear of it for the first time. */
  version(host: string, version: string): Promise<void>
  /** These are other than they were; the first answer is no change. */
  changed(repositories: readonly string[]): Promise<void>
}

export class FactBook {
  readonly #relay: Pick<RelayClient, 'repositories'>
  readonly #log: LoggerService
  readonly #stopping = new AbortController()
  readonly #known = new Map<string, RepositoryFacts>()
  #cursor: string | undefined
  #host = ''
  #version: string | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(relay: Pick<RelayClient, 'repositories'>, log: LoggerService) {
    this.#relay = relay
    this.#log = log
  }

  /** Of the repository that a Location of the catalog is in; undefined where nothing is known of it, now or ever. */
  of(location: string): RepositoryFacts | undefined {
    const [, host = '', repository = ''] =
      /^url:https?:\/\/([^/]+)\/([^/]+\/[^/]+)\/(?:blob|tree|raw|edit)\//.exec(location) ?? []
    return host.toLowerCase() === this.#host ? this.#known.get(decoded(repository).toLowerCase()) : undefined
  }

  start(listener: Listener): void {
    this.#running = this.#run(listener)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('Backstage stops'))
    await this.#running
  }

  async #run(listener: Listener): Promise<void> {
    const { signal } = this.#stopping
    for (let failures = 0; !signal.aborted; ) {
      let pauseMs = LEAST_MS
      try {
        await this.#ask(listener)
        failures = 0
      } catch (error) {
        if (signal.aborted) return
        if (failures === 0)
          this.#log.warn(
            `catalog-gate: no annotations of repositories: ${String(error)}; entities keep those that they have`,
          )
        pauseMs = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** failures++)
      }
      await wait(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  async #ask(listener: Listener): Promise<void> {
    const answer = await this.#relay.repositories(this.#cursor, this.#stopping.signal)
    const isFirst = this.#cursor === undefined
    const changed = answer.repositories.filter(facts => this.#take(facts) && !isFirst)
    this.#host = answer.ghes.host.toLowerCase()
    this.#cursor = answer.cursor
    const { host, version } = answer.ghes
    if (version !== undefined && version !== this.#version) {
      await listener.version(host, version)
      this.#version = version
    }
    if (changed.length > 0) await listener.changed(changed.map(({ repository }) => repository.toLowerCase()))
  }

  /** True where something else has changed than the last push: of that the catalog hears by the push itself. */
  #take(facts: RepositoryFacts): boolean {
    const key = facts.repository.toLowerCase()
    const before = this.#known.get(key)
    this.#known.set(key, { ...before, ...facts })
    return lasting(before) !== lasting({ ...before, ...facts })
  }
}

function lasting(facts: RepositoryFacts | undefined): string {
  if (facts === undefined) return '[]'
  const { visibility, archived, fork, defaultBranch, topics, hookEnforcement } = facts
  return JSON.stringify(
    [visibility, archived, fork, defaultBranch, topics, hookEnforcement].filter(one => one !== undefined),
  )
}
