// What a run tells: a row for each repository, as JSON, CSV and the page have it.
import type { Outcome } from './deliver.ts'
import type { Delivery, Step } from './delivery.ts'
import type { Plan } from './find-plan.ts'
import { type Row, STANDINGS, type Standing } from './plan.ts'
import type { Reason } from './proposal.ts'

export type ReportRow = {
  /** OWNER/NAME */
  repository: string
  standing: Standing
  why: string
  notes: string[]
  owner: string
  entities: string[]
  reasons: Reason[]
  problems: { path: string; line: number; column: number; severity: string; code: string; message: string }[]
  /** How far its delivery is; left out where there is nothing to deliver. */
  delivery?: { step: Step; isRepair: boolean; pullRequest?: string /** From 1, which is today's. */; wave?: number }
  /** The newest of ours, of proposals or repairs. */
  pullRequest?: { state: 'open' | 'merged' | 'closed'; url: string }
  /** Of --apply. */
  outcome?: Outcome
  /** Undefined: the live catalog was not asked. */
  isInCatalog?: boolean
  isForAPerson: boolean
  /** The file, as it is proposed. */
  text?: string
}

export type Report = {
  organizations: string[]
  webUrl: string
  at: string
  requests: number
  counts: Record<Standing, number>
  failures: string[]
  rows: ReportRow[]
}

type Waves = { openedToday: number; perDay: number }

export function reportOf(plan: Plan, deliveries: readonly Delivery[], waves: Waves): Report {
  const byRepository = new Map(deliveries.map(delivery => [delivery.row.repository.repository, delivery]))
  const news = deliveries.filter(({ step }) => step === 'new')
  const wave = new Map(
    news.map((delivery, i) => [
      delivery,
      1 + Math.floor((i + Math.min(waves.openedToday, waves.perDay)) / waves.perDay),
    ]),
  )
  const { organizations, webUrl, requests, failures, rows } = plan
  const count = (standing: Standing) => rows.filter(row => row.standing === standing).length
  return {
    organizations,
    webUrl,
    requests,
    failures,
    at: new Date(plan.atMs).toISOString(),
    counts: Object.fromEntries(STANDINGS.map(standing => [standing, count(standing)])) as Record<Standing, number>,
    rows: rows.map(row => {
      const delivery = byRepository.get(row.repository.repository)
      return rowOf(row, delivery, delivery && wave.get(delivery), plan)
    }),
  }
}

function rowOf(row: Row, delivery: Delivery | undefined, wave: number | undefined, { taken }: Plan): ReportRow {
  const { repository, standing, why, notes, entities, reasons, problems, proposal } = row
  const newest = (delivery?.ours ?? repository.proposed).pullRequest ?? repository.fixed.pullRequest
  const url = newest?.url
  return {
    repository: repository.repository,
    standing,
    why,
    notes,
    entities,
    reasons,
    owner: reasons.find(({ field }) => field === 'owner')?.value ?? '',
    problems: problems.map(({ path, line, column, severity, code, message }) => ({
      path,
      line,
      column,
      severity,
      code,
      message,
    })),
    ...(delivery === undefined
      ? {}
      : {
          delivery: {
            step: delivery.step,
            isRepair: delivery.isRepair,
            ...(url === undefined ? {} : { pullRequest: url }),
            ...(wave === undefined ? {} : { wave }),
          },
        }),
    ...(newest === undefined ? {} : { pullRequest: { state: newest.state, url: newest.url } }),
    ...(taken.size === 0
      ? {}
      : { isInCatalog: entities.some(ref => taken.get(ref.toLowerCase())?.by === repository.repository) }),
    isForAPerson: ['wrong', 'misplaced', 'held', 'unread'].includes(standing) || delivery?.step === 'foreign',
    ...(proposal === undefined ? {} : { text: proposal.text }),
  }
}
