// The relay's limits that are not settings, each with its reason.

export const LIMITS = {
  /** A notification names paths and refs, no contents: 600 bytes is usual, 64 KiB is a push of some 300 catalog files. */
  hookBodyBytes: 64 * 1024,
  /** GitHub sends up to 25 MB, for thousands of commits; Backstage's own route takes 5 MB. One that is larger is found by the landing check. */
  webhookBodyBytes: 5 * 1024 * 1024,
  /** A batch of our module in Backstage: 500 verdicts with their errors. */
  verdictBodyBytes: 1024 * 1024,
  /** How long our module's question for changed Locations is kept open: proxies end idle ones after 30 s and more. */
  locationPollMs: 24_000,
  /** How often the store is asked meanwhile: another replica may have what is new. */
  locationLookMs: 250,
  /** Node's own 16 KB; a signature, an id and a proxy's headers take less than 2 KB. */
  headerBytes: 16 * 1024,
  /** A sender that takes longer for its headers is broken or hostile. */
  headersTimeoutMs: 5_000,
  /** For the whole request. The hook itself gives up after 50 ms. */
  requestTimeoutMs: 10_000,
  /** TLS. A connection that does not come about holds a place meanwhile. */
  handshakeTimeoutMs: 5_000,
  /** How often slow senders are looked for; so the two timeouts are kept to a second. */
  connectionsCheckMs: 1_000,
  /** Proxies keep connections open; ours cost some 10 KB each. */
  keepAliveMs: 60_000,
  /** Far above any real fleet of appliances; a flood ends here and not in our memory. */
  connections: 4_096,
  /**
   * Of those, connections that have not sent a whole signed request yet; the idlest is closed for a new one. A hook opens its connection before it judges, up to 2.5 s: 800 such pushes
   * a second have room, while 3,072 that send nothing cost 35 MB.
   */
  unsigned: { perAddress: 2_048, overAll: 3_072 },
  /**
   * Of all bodies together that have not ended: three of the largest, or all usual ones of a second. The relay's deploy files give it 512 MiB; 200 bodies of 5 MiB beside 4,100 idle
   * connections, from a fast sender, make it 260 MB, and 330 with twice the budget, since what was dropped is only freed by and by.
   */
  unfinishedBodyBytes: 16 * 1024 * 1024,
  /** So long the sender of a refused body has to read our answer; the rest of the body is not read. */
  refusedBodyMs: 1_000,
  /** Open pushes and jobs. At 500 bytes a push this is some 250 MB of disk; at 40 refreshes/s three and a half hours of work. */
  backlog: 500_000,
  /** `webhook-id` is 36 characters from our hooks; others may choose theirs. */
  messageIdCharacters: 256,
  /**
   * A row of PostgreSQL's indexes holds 2,704 bytes, and the longest of ours is repository, branch, path and reference. GitHub's own branches end at 255 bytes. A path
   * that is longer is refused at the door, where its sender hears of it.
   */
  refBytes: 512,
  pathBytes: 900,
  /** Standard Webhooks: five minutes to both sides. */
  timestampToleranceMs: 300_000,
  /** Said with 429 and 503. The hook does not retry; a forwarding proxy may. */
  retryAfterSeconds: { backlog: 30, storeFailing: 5, draining: 5 },
  /** Hooks wait for the live catalog so long at the most (relay.lookupMs). */
  lookupMs: 1_000,
  /** One page of GET /v1/pushes. */
  listedPushes: 100,
} as const

/** What a running relay gives itself. */
export const PACES = {
  /** GHES gets no more questions than this at once from us. */
  landingConcurrency: 10,
  /** Rare, one or two questions each, and GHES computes for some of them: landings go on beside it. */
  compareConcurrency: 2,
  /**
   * So many files at once, or as many as take so long each at refreshesPerSecond: a call takes 5 to 50 ms, and a file is claimed before and settled after it, in turns of the event loop
   * that take 20 ms each beside a backlog that lands (50 ms each made it 227 of 400 a second).
   */
  forwardConcurrency: 10,
  forwardFileMs: 250,
  /** Longer than all calls of one job can take (6 calls of 10 s), so that a lease ends only when its holder is gone. */
  leaseMs: 90_000,
  /** Leases that have run out are looked for this often, and old pushes forgotten. */
  housekeepingMs: 15_000,
  /** Where others work on the same store: what a dead one has left, and what another has taken in, is looked for this often. Some ten small statements; a moved file waits for it at each of its steps. */
  othersLookMs: 500,
  /** Messages stay known for 7 days at least; one more for clocks. */
  keepSettledMs: 8 * 86_400_000,
  /** From the signal to the end: systemd and Kubernetes allow 90 and 30 s, and a person waits. */
  stopWithinMs: 4_500,
} as const
