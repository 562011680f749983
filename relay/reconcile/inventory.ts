// Walks through an organisation's repositories, page by page, smaller pages when GHES cannot manage large ones.
import type { FilesAsked, GhesInventory, InventoryPage } from '../clients/ghes/inventory.ts'
import { askPatiently, isTrouble, type Patience } from '../clients/ghes/patience.ts'
import type { Trouble } from '../clients/trouble.ts'

/** GraphQL's most. Every outage on the way halves it, down to an eighth: a page that takes over 10 s is cut off by GitHub. */
const PAGE = 100
/** Files of other paths in one question: some 25 KB of query. */
const FILES_ASKED = 300
const REPOSITORIES_ASKED = 100

export type Walked = { result: 'page'; page: InventoryPage } | { result: 'failed'; reason: string }

/** Yields pages until the end, or a failure as the last. */
export async function* walkOrganization(
  inventory: GhesInventory,
  organization: string,
  paths: readonly string[],
  patience: Patience,
): AsyncGenerator<Walked> {
  let after: string | undefined
  do {
    const from = after
    const answer = await askPatiently(patience, attempt =>
      inventory.repositories(organization, {
        paths,
        first: Math.ceil(PAGE / 2 ** Math.min(attempt, 3)),
        ...(from === undefined ? {} : { after: from }),
      }),
    )
    if (answer.result !== 'page') return yield { result: 'failed', reason: failureOf(organization, answer) }
    yield { result: 'page', page: answer }
    after = answer.next
  } while (after !== undefined)
}

function failureOf(organization: string, answer: { result: 'none' } | Trouble): string {
  if (answer.result === 'trouble') return `${organization}: ${answer.reason}`
  return `${organization}: GHES shows no such organization; is reconcile.organizations right, and may ghe.token see it?`
}

/** Blobs of further paths. Repositories that could not be read are left out, with a reason for each failed question. */
export async function askFiles(
  inventory: GhesInventory,
  asked: readonly FilesAsked[],
  patience: Patience,
): Promise<{ blobs: Map<string, Map<string, string>>; failures: string[] }> {
  const blobs = new Map<string, Map<string, string>>()
  const failures: string[] = []
  for (const batch of batches(asked)) {
    const answer = await askPatiently(patience, () => inventory.files(batch))
    if (isTrouble(answer)) failures.push(`files of ${batch.length} repositories: ${answer.reason}`)
    else for (const [repository, found] of answer.blobs) blobs.set(repository, found)
  }
  return { blobs, failures }
}

function batches(asked: readonly FilesAsked[]): FilesAsked[][] {
  const all: FilesAsked[][] = []
  let files = 0
  for (const one of asked) {
    const last = all.at(-1)
    files += one.paths.length
    if (last && last.length < REPOSITORIES_ASKED && files <= FILES_ASKED) last.push(one)
    else {
      all.push([one])
      files = one.paths.length
    }
  }
  return all
}
