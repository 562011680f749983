// Connections that have not yet sent a whole signed request: they share a budget, and when it is full the idlest is closed. All honest hooks may come from one address, that
// of the appliance or of a proxy, so whoever has signed is outside of it.
import type { Socket } from 'node:net'

export type UnsignedBudget = { perAddress: number; overAll: number }

export class UnsignedConnections {
  readonly #budget: UnsignedBudget
  /** The idlest first, here and within an address. */
  readonly #all = new Map<string, Socket>()
  readonly #byAddress = new Map<string, Set<string>>()

  constructor(budget: UnsignedBudget) {
    this.#budget = budget
  }

  /** A connection as it comes, before TLS. */
  admit(socket: Socket): void {
    const { remoteAddress: address } = socket
    const key = keyOf(socket)
    if (address === undefined) return
    const ofAddress = this.#byAddress.get(address) ?? new Set()
    this.#byAddress.set(address, ofAddress.add(key))
    this.#all.set(key, socket)
    // Whoever resets a connection may have the same port again before we hear of it.
    socket.once('close', () => this.#all.get(key) === socket && this.#forget(address, key))
    if (ofAddress.size > this.#budget.perAddress) this.#close(first(ofAddress))
    else if (this.#all.size > this.#budget.overAll) this.#close(first(this.#all.keys()))
  }

  /** It has just sent something. */
  active(socket: Socket): void {
    const key = keyOf(socket)
    const known = this.#all.get(key)
    const ofAddress = this.#byAddress.get(socket.remoteAddress ?? '')
    if (!known || !ofAddress?.delete(key)) return
    ofAddress.add(key)
    this.#all.delete(key)
    this.#all.set(key, known)
  }

  /** It has sent a whole request with a signature of ours. */
  signed(socket: Socket): void {
    if (socket.remoteAddress !== undefined) this.#forget(socket.remoteAddress, keyOf(socket))
  }

  end(): void {
    for (const socket of this.#all.values()) socket.destroy()
  }

  #close(key: string | undefined): void {
    const socket = key === undefined ? undefined : this.#all.get(key)
    if (key === undefined || !socket) throw new Error('a full budget without connections')
    if (socket.remoteAddress !== undefined) this.#forget(socket.remoteAddress, key)
    this.#all.delete(key)
    socket.destroy()
  }

  #forget(address: string, key: string): void {
    this.#all.delete(key)
    const ofAddress = this.#byAddress.get(address)
    ofAddress?.delete(key)
    if (ofAddress?.size === 0) this.#byAddress.delete(address)
  }
}

/** The same for a socket and for the one that TLS has put over it. */
const keyOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value
  return undefined
}
