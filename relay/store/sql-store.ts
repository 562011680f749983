// The store, port by port: which work it is, on which engine.
import type { Engine } from './engine.ts'
import type { Circuits, Leads, Notes, Tokens, Words } from './ports/coordination.ts'
import type { Holders } from './ports/holders.ts'
import type { Inbox, Redrives, Repositories } from './ports/inbox.ts'
import type { ClaimLimit, Jobs, Leases } from './ports/jobs.ts'
import type { KnownFiles } from './ports/known-files.ts'
import type { Landings } from './ports/landings.ts'
import type { Locations } from './ports/locations.ts'
import type { PushFilter, PushSummary, Records } from './ports/records.ts'
import type { Statuses } from './ports/statuses.ts'
import type { Verdicts } from './ports/verdicts.ts'
import type { Store, Upkeep } from './store.ts'
import { claimDueJobs, haveDue, nextJob } from './work/claim.ts'
import { claimProbe, closeCircuit, openCircuit, readCircuit, readNote, writeNote } from './work/coordination.ts'
import { nextCovered, settleNextCovered } from './work/covered.ts'
import { readFollowers } from './work/followers.ts'
import { acceptFurther, acceptReported } from './work/inbox.ts'
import { buryJob, finishJob, goOn, postponeJob } from './work/job-results.ts'
import { readFilesReferencing, readKnownFiles } from './work/known-files.ts'
import { nextLanding } from './work/landing-queue.ts'
import { claimBranches } from './work/landings.ts'
import { type Claimed, giveBack, repositoriesWith } from './work/leases.ts'
import { listPushes, searchPushes } from './work/list.ts'
import { newEpoch, readLocations } from './work/locations.ts'
import { readMoving } from './work/moves.ts'
import { prunePushes, writeProbe } from './work/prune.ts'
import { readPush, readStatus } from './work/records.ts'
import { redriveDead, redrivePush, repositoriesOfDead, repositoryOf } from './work/redrive.ts'
import { readUnreported } from './work/reports.ts'
import { closeRepository, renameRepository } from './work/repository.ts'
import { settlePushes } from './work/settle-pushes.ts'
import { readDueStatuses, statusTold } from './work/statuses.ts'
import { broughtLately, hasLeft, knowsOwnerOf } from './work/told.ts'
import { readUnjudged, recordRead, recordReadings } from './work/verdicts.ts'

export function sqlStore(engine: Engine, now: () => number): Store {
  return {
    ...wayIn(engine, now),
    ...wayOut(engine, now),
    ...forPeople(engine, now),
    ...forCatalog(engine, now),
    ...coordination(engine, now),
    ...upkeep(engine, now),
  }
}

function wayIn({ accept, backlog, read, write, nextArrival }: Engine, now: () => number): Inbox & Repositories {
  return {
    accept,
    acceptLanded: (deliveryId, push) =>
      write(() => acceptReported(deliveryId, push, nextArrival, now()), [push.repository]),
    acceptFurther: (change, further) =>
      write(() => acceptFurther(change, further, nextArrival, now()), [change.repository]),
    announced: change => read(() => readUnreported(change, now())),
    backlog,
    renameRepository: (from, to) => write(() => renameRepository({ from, to }, now()), [from, to]),
    closeRepository: (repository, reason) => write(() => closeRepository(repository, reason, now()), [repository]),
  }
}

function wayOut({ read, write, newLease, isShared, orphans }: Engine, now: () => number): Landings & Jobs & Leases {
  const turns = { live: 0 }
  /** Repository by repository: locks on several at once could meet those of another replica. */
  const takeBack = async (claimed: Claimed): Promise<number> => {
    let taken = 0
    for (const repository of await read(() => repositoriesWith(claimed)))
      taken += await write(() => giveBack({ ...claimed, repository }, now()), [repository])
    return taken
  }
  return {
    claimLandings: ({ limit, leaseMs }) =>
      write(() => claimBranches({ limit: askedNow(limit), leaseMs, nowMs: now(), newLease, turns }), [], 'soon'),
    settleLandings: (task, verdicts) => write(() => settlePushes(task, verdicts, now()), [task.repository], 'long'),
    nextLandingAtMs: () => read(() => nextLanding()),
    claimJobs: async (kind, { limit, leaseMs }) => {
      const covered = await read(() => nextCovered())
      if (covered) await write(() => settleNextCovered(covered, now()), [covered.repository], 'soon')
      return write(() => claimDueJobs(kind, { limit: askedNow(limit), leaseMs, nowMs: now(), newLease }), [], 'soon')
    },
    done: (job, outcome, ended) => write(() => finishJob(job, outcome, now(), ended), [job.repository], 'soon'),
    goOnLater: (job, next) => write(() => goOn(job, next, now()), [job.repository], 'soon'),
    retryLater: (job, retry) => write(() => postponeJob(job, retry, now()), [job.repository], 'soon'),
    giveUp: (job, error) => write(() => buryJob(job, error, now()), [job.repository], 'soon'),
    nextJobAtMs: kind => read(() => nextJob(kind)),
    haveDue: (kind, many) => read(() => haveDue(kind, many)),
    release: async leases => {
      for (const lease of leases) await takeBack({ lease })
    },
    reap: async () => {
      let taken = await takeBack({ leaseEndedBy: now() })
      for (const lease of await orphans()) taken += await takeBack({ lease })
      return taken
    },
    isShared,
  }
}

const askedNow = (limit: ClaimLimit): number => (typeof limit === 'number' ? limit : limit())

function forPeople({ read, write }: Engine, now: () => number): Records & Redrives & KnownFiles & Holders {
  return {
    push: id => read(() => readPush(id)),
    list: filter => listOrSearch(read, filter),
    status: () => read(() => readStatus()),
    redrive: async id => {
      const repository = await read(() => repositoryOf(id))
      return repository !== undefined && write(() => redrivePush(id, now()), [repository])
    },
    redriveSince: async atMs => {
      let redriven = 0
      for (const repository of await read(() => repositoriesOfDead(atMs)))
        redriven += await write(() => redriveDead(repository, atMs, now()), [repository])
      return redriven
    },
    knownFiles: repository => read(() => readKnownFiles(repository)),
    followers: file => read(() => readFollowers(file)),
    moving: (repository, ref) => read(() => readMoving({ repository, ref })),
    filesReferencing: (repository, ref, paths) => read(() => readFilesReferencing({ repository, ref, paths })),
    broughtLately: entities => read(() => broughtLately(entities, now())),
    hasLeft: (file, entity) => read(() => hasLeft(file, entity)),
    knowsOwnerOf: repository => read(() => knowsOwnerOf(repository)),
  }
}

function forCatalog({ read, write }: Engine, now: () => number): Verdicts & Locations & Statuses {
  return {
    // Repository by repository, for the same reason.
    recordReadings: async readings => {
      const byRepository = [...Map.groupBy(readings, ({ repository }) => repository)]
      const record = ([repository, ofIt]: (typeof byRepository)[number]) =>
        write(() => recordReadings(ofIt, now()), [repository])
      return (await Promise.all(byRepository.map(record))).flat()
    },
    unjudged: sinceMs => read(() => readUnjudged(sinceMs)),
    recordRead: outcome => write(() => recordRead(outcome, now()), [outcome.repository], 'soon'),
    dueStatuses: limit => read(() => readDueStatuses(limit)),
    statusTold: (status, text) => write(() => statusTold(status, text)),
    locationsAfter: cursor => read(() => readLocations(cursor)),
    forgetCursors: () => write(() => newEpoch()),
  }
}

/** A search looks through all there is, and lets others have their turn meanwhile. */
async function listOrSearch(read: Engine['read'], filter: PushFilter): Promise<PushSummary[]> {
  const { search, limit } = filter
  if (search === undefined) return read(() => listPushes(filter))
  const found: PushSummary[] = []
  for (let below: number | undefined; ; ) {
    const slice = await read(() => searchPushes({ ...filter, search, limit: limit - found.length }, below))
    found.push(...slice.pushes)
    if (found.length >= limit || slice.next === undefined) return found
    below = slice.next
    await new Promise(resume => setImmediate(resume))
  }
}

function coordination(
  { read, write, takeTokens, lead, resign, exchange }: Engine,
  now: () => number,
): Tokens & Circuits & Leads & Words & Notes {
  return {
    takeTokens,
    circuit: target => read(() => readCircuit(target)),
    openCircuit: (target, open) => write(() => openCircuit(target, open)),
    closeCircuit: target => write(() => closeCircuit(target)),
    claimProbe: (target, leaseMs) => write(() => claimProbe(target, now() + leaseMs, now())),
    lead,
    resign,
    exchange,
    note: name => read(() => readNote(name)),
    setNote: (name, text) => write(() => writeNote(name, text)),
  }
}

function upkeep({ write, close }: Engine, now: () => number): Upkeep {
  return {
    prune: settledBeforeMs => write(() => prunePushes(settledBeforeMs)),
    probe: () => write(() => writeProbe(now())),
    close,
  }
}
