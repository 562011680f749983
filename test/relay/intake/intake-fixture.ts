// The way in by itself: a real server on a real store whose faults a test switches on, and senders that write bytes as they like.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalogPathTest } from '../../../relay/intake/catalog-paths.ts'
import type { IntakeOptions } from '../../../relay/intake/intake-options.ts'
import { openIntake } from '../../../relay/intake/server.ts'
import { openLog } from '../../../relay/runtime/log.ts'
import type { Store } from '../../../relay/store/store.ts'
import { CATALOG_DEFAULTS } from '../../../schemas/catalog-globs.ts'
import { BACKSTAGE_SECRET, HOOK_SECRET, signedHeaders, WEBHOOK_SECRET } from '../../support/relay-process.ts'
import { openNewStore } from '../new-store.ts'

export type IntakeFixture = {
  folder: string
  store: Store
  app: ReturnType<typeof openIntake>
  port: number
  logged: string[]
  end(): Promise<void>
}

/** Listens on a free port of 127.0.0.1, by the system's clock. */
export async function openIntakeFixture(
  options: Partial<IntakeOptions> = {},
  steer: (store: Store) => Store = store => store,
): Promise<IntakeFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-gate-intake-'))
  const logged: string[] = []
  const clock = options.clock ?? { now: Date.now, after: () => () => {} }
  const store = openNewStore({ path: join(folder, 'relay.db'), now: clock.now })
  const app = openIntake({
    store: steer(store),
    clock,
    wallMs: clock.now,
    log: openLog({ write: text => void logged.push(text) }, 'debug'),
    hookSecrets: [() => HOOK_SECRET],
    webhookSecrets: [() => WEBHOOK_SECRET],
    backstage: {
      secrets: [() => BACKSTAGE_SECRET],
      host: 'ghe.test',
      listIsWhole: async () => true,
      onProvider: () => {},
      repositoriesAfter: () => ({ isNew: true, cursor: '', repositories: [] }),
    },
    isCatalogFile: catalogPathTest(CATALOG_DEFAULTS),
    firstCheckMs: 250,
    onAccepted: () => {},
    onLanded: () => {},
    draining: () => false,
    ...options,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    folder,
    store,
    app,
    port: (app.server.address() as AddressInfo).port,
    logged,
    async end() {
      await app.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The store with some of its methods replaced. */
export function steered(store: Store, replaced: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(replaced, name) ?? Reflect.get(target, name)
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

/** A notification as bytes on the wire; `headers` come on top. */
export function rawNotification(body: string, headers: Record<string, string> = {}, version = '1.1'): string {
  const all = {
    host: 'relay',
    ...signedHeaders(Buffer.from(body), 'msg_raw'),
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /v1/pushes HTTP/${version}\r\n${lines.join('')}\r\n`
}

/** A connection that is written to by hand. */
export class RawSender {
  readonly socket: Socket
  text = ''
  readonly closed: Promise<unknown>

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('error', () => {}) // followed by close
    this.socket.on('data', chunk => {
      this.text += chunk.toString('latin1')
    })
    this.closed = new Promise(resolve => this.socket.once('close', resolve))
  }

  write(text: string | Buffer): this {
    this.socket.write(text)
    return this
  }

  /** Waits for this in what came back. */
  async answered(part: RegExp): Promise<string> {
    while (!part.test(this.text)) {
      if (this.socket.closed) throw new Error(`closed without ${part}: ${JSON.stringify(this.text)}`)
      await Promise.race([once(this.socket, 'data'), this.closed])
    }
    return this.text
  }

  statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(match => Number(match[1]))
  }
}
