// Drives accepted pushes to their end: a lane that asks GHES whether they have landed, and one for each kind of job that comes of it.
import type { Backstage, RefreshAll, RefreshedAll } from '../clients/backstage.ts'
import type { GhesBranches } from '../clients/ghes/branches.ts'
import type { Ghes } from '../clients/ghes/ghes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { TargetName, Tell } from '../runtime/events.ts'
import type { Logger } from '../runtime/log.ts'
import type { Circuits, Tokens, Words } from '../store/ports/coordination.ts'
import type { Inbox, Repositories } from '../store/ports/inbox.ts'
import type { JobKind, JobOf, Jobs, Leases } from '../store/ports/jobs.ts'
import type { KnownFiles } from '../store/ports/known-files.ts'
import type { Landings, LandingTask } from '../store/ports/landings.ts'
import type { Reading } from '../store/ports/verdicts.ts'
import type { Upkeep } from '../store/store.ts'
import { inBatches } from './batches.ts'
import { ClosedLoop, placeOf } from './closed-loop.ts'
import { withDoubt } from './doubt.ts'
import { seekContact } from './first-contact.ts'
import { keepHouse } from './housekeeping.ts'
import { JobEndings } from './job-endings.ts'
import { landingLane } from './landing-lane.ts'
import type { Lane } from './lane.ts'
import { Overtaking } from './overtaking.ts'
import { Pace } from './pace.ts'
import { type Question, type QuestionKind, questionLane } from './question-lane.ts'
import { refreshLane } from './refresh-lane.ts'
import { presentNames, withRenames } from './renamed.ts'
import { Target, type TargetHealth } from './target.ts'

export type WorkerOptions = {
  store: Landings &
    Jobs &
    Leases &
    Tokens &
    Words &
    Circuits &
    KnownFiles &
    Pick<Inbox & Upkeep & Repositories, 'prune' | 'acceptLanded' | 'renameRepository'>
  ghes: Ghes & Pick<GhesBranches, 'file' | 'reach'>
  backstage: Backstage
  clock: Clock
  log: Logger
  /** GHES's, as in the Locations' names. */
  host: string
  register: boolean
  removed: 'refresh' | 'unregister'
  /** Patterns of a provider's Locations. */
  locations: readonly string[]
  refreshesPerSecond: number
  landing: { giveUpAfterMs: number }
  retry: { firstMs: number; maxMs: number; giveUpAfterMs: number }
  random?: () => number
  tell?: Tell
  hasProvider?: () => Promise<boolean>
  refreshAll?: RefreshAll
  questions: { [K in QuestionKind]: Question<K> }
}

/** A target that fails is tried again at least this often, however long it has failed. */
const LONGEST_PAUSE_MS = 30_000

export class Worker {
  readonly #options: WorkerOptions
  readonly #targets: Record<TargetName, Target>
  readonly #landings: Lane<LandingTask>
  readonly #jobs: { [K in JobKind]: Lane<JobOf<K>> }
  readonly #pace: ClosedLoop
  readonly #overtaking = new Overtaking()
  readonly #stopping = new AbortController()
  #endHousekeeping: () => void = () => {}
  #endContacts: (() => void)[] = []

  constructor(options: WorkerOptions) {
    const { store, ghes, clock, log, retry, random = Math.random } = options
    const common = { store, clock, log, ...(options.tell ? { tell: options.tell } : {}) }
    const longestPauseMs = Math.min(retry.maxMs, LONGEST_PAUSE_MS)
    const target = (name: TargetName) =>
      new Target({ store, target: name, clock, log, firstPauseMs: retry.firstMs, longestPauseMs })
    this.#options = options
    this.#targets = { ghe: target('ghe'), backstage: target('backstage') }
    this.#pace = paceOf(options)
    const endings = new JobEndings({ ...common, retry, random })
    const onLanded = () => this.jobsArrived()
    const named = withRenames(withDoubt(ghes, clock.now), { store, now: clock.now, onAsked: onLanded })
    this.#landings = landingLane({
      ...common,
      ghes: named,
      target: this.#targets.ghe,
      giveUpAfterMs: options.landing.giveUpAfterMs,
      troubleAgainMs: retry.firstMs,
      onLanded,
    })
    const asking = { ...common, target: this.#targets.ghe, endings, onLanded }
    this.#jobs = {
      refresh: refreshLane({
        ...common,
        backstage: batched(options, this.#pace),
        target: this.#targets.backstage,
        ghes: this.#targets.ghe,
        fileAtGhes: ghes.file,
        presentName: presentNames(named, clock.now),
        pace: this.#pace,
        overtaking: this.#overtaking,
        endings,
        host: options.host,
        hasProvider: options.hasProvider,
        register: options.register,
        removed: options.removed,
        locations: options.locations,
        known: store,
        stopping: this.#stopping.signal,
      }),
      compare: questionLane({ ...asking, kind: 'compare', ask: options.questions.compare }),
      repository: questionLane({ ...asking, kind: 'repository', ask: options.questions.repository }),
    }
  }

  start(): void {
    this.#look()
    const { store, clock, log, tell, ghes, backstage } = this.#options
    const reach = { ghe: ghes.reach, backstage: backstage.reach }
    this.#endContacts = (['ghe', 'backstage'] as const).map(name =>
      seekContact(this.#targets[name], reach[name], clock),
    )
    this.#endHousekeeping = keepHouse({ store, clock, log, ...(tell ? { tell } : {}), onReaped: () => this.#look() })
  }

  /** A push was accepted, and falls due at this time. */
  landingDueAt(atMs: number): void {
    this.#landings.wakeAt(atMs)
  }

  /** Pushes have landed. */
  jobsArrived(): void {
    for (const lane of Object.values(this.#jobs)) lane.look()
  }

  /** The catalog has made something of these files. */
  judged(readings: readonly Pick<Reading, 'repository' | 'tail'>[], busy?: number): void {
    const places = readings.map(({ repository, tail }) => placeOf(repository, tail))
    this.#pace.judged(places, busy)
    for (const place of places) this.#overtaking.judged(place)
  }

  /** Our module in Backstage has asked for something. */
  moduleHeard(): void {
    this.#pace.heard()
  }

  targetHealth(): Record<TargetName, TargetHealth> {
    return { ghe: this.#targets.ghe.health(), backstage: this.#targets.backstage.health() }
  }

  /** Finishes what is in flight, hands back what did not finish in time. */
  async stop(withinMs: number): Promise<void> {
    this.#endHousekeeping()
    for (const end of this.#endContacts) end()
    const lanes = [this.#landings, ...Object.values(this.#jobs)]
    const finished = Promise.all([this.#pace, ...lanes].map(one => one.stop())).then(() =>
      Promise.all(Object.values(this.#targets).map(({ circuit }) => circuit.flushed())),
    )
    // Those that only wait for their turn in the pace have called nobody yet.
    this.#stopping.abort(new Error('the relay stops'))
    let cancel = () => {}
    const late = new Promise<'late'>(resolve => {
      cancel = this.#options.clock.after(withinMs, () => resolve('late'))
    })
    const first = await Promise.race([finished, late])
    cancel()
    if (first !== 'late') return
    const leases = lanes.flatMap(lane => lane.leases())
    this.#options.log.warn({ leases: leases.length }, 'not finished in time: handed back, to be done once more')
    await this.#options.store.release(leases)
  }

  #look(): void {
    this.#landings.look()
    this.jobsArrived()
  }
}

/** Our module in Backstage takes many at once. */
function batched({ backstage, hasProvider, refreshAll, clock, log }: WorkerOptions, pace: ClosedLoop): Backstage {
  if (!hasProvider || !refreshAll) return backstage
  let said = ''
  const onAnswer = (answer: RefreshedAll) => {
    pace.overtakes(answer.result === 'refreshed' && answer.overtakes)
    const how = wordsOf(answer)
    if (how !== said) log.info(how)
    said = how
  }
  return inBatches(backstage, { refreshAll, hasModule: hasProvider, clock, onAnswer })
}

const wordsOf = (answer: RefreshedAll) =>
  answer.result === 'not taken'
    ? `Backstage is asked for one file at a time: ${answer.reason}`
    : `Backstage takes many files in one request${answer.overtakes ? '' : ', and lets nobody go ahead of them: its package is older than this relay, or its log says why'}`

function paceOf({ store, clock, log, refreshesPerSecond }: WorkerOptions): ClosedLoop {
  const onChange = (isClosed: boolean) =>
    log.info(
      isClosed
        ? 'the pace follows what the catalog takes, by its verdicts'
        : 'backstage.refreshesPerSecond has the pace',
    )
  const pace = new Pace(store, clock, refreshesPerSecond)
  const haveDue = (many: number) => store.haveDue('refresh', many)
  return new ClosedLoop(pace, clock, onChange, store.isShared ? store : undefined, haveDue)
}
