// A push event of GHES: payload → what the push did to which paths, and whether that is all.
import type { Change } from '../../schemas/notification.ts'
import { cutText } from '../../schemas/text.ts'
import { fieldOf } from '../../schemas/unknown.ts'
import { LIMITS } from '../runtime/limits.ts'
import type { LandedPush } from '../store/ports/inbox.ts'
import { readPushNames } from './hook.ts'
import { textAt } from './payload.ts'
import type { BranchChange, PathChange } from './refreshed-files.ts'
import { type Refusal, refuse } from './refusal.ts'

export type ReportedPush = Omit<LandedPush, 'files'> &
  BranchChange & {
    defaultBranchName?: string
    /** Why the lists do not name everything that changed; left out when they do. */
    incomplete?: 'truncated' | 'forced'
  }

/** GitHub lists no more commits than this, and says so nowhere in the payload. */
const MOST_COMMITS = 2048
/** GitHub's limit of the files of one commit in its API. */
const MOST_FILES_OF_A_COMMIT = 3000
/** As in a notification: it is in an index. */
const LONGEST_LOGIN = 256
const NOTHING = /^0+$/

export function readPushEvent(
  payload: unknown,
): { result: 'push'; push: ReportedPush } | { result: 'ignored'; reason: string } | Refusal {
  const ref = textAt(payload, 'ref')
  const before = textAt(payload, 'before')
  const after = textAt(payload, 'after')
  const repository = textAt(payload, 'repository', 'full_name')
  if (ref === undefined || before === undefined || after === undefined || repository === undefined) {
    return refuse(400, 'a push event has ref, before, after and repository.full_name')
  }
  if (!ref.startsWith('refs/heads/')) return { result: 'ignored', reason: 'no branch' }
  const defaultBranch = textAt(payload, 'repository', 'default_branch')
  // A new branch is compared with the default one, whose name goes into an address, too.
  for (const named of [ref, ...(defaultBranch === undefined ? [] : [`refs/heads/${defaultBranch}`])]) {
    const problem = readPushNames({ repository, ref: named, before, after })
    if (problem !== undefined) return refuse(400, problem)
  }
  const pusher = textAt(payload, 'sender', 'login') ?? textAt(payload, 'pusher', 'name')
  const kind = NOTHING.test(after) ? 'deleted' : NOTHING.test(before) ? 'created' : 'updated'
  const incomplete = kind === 'deleted' ? undefined : whatIsMissing(payload, kind)
  return {
    result: 'push',
    push: {
      repository,
      ref,
      before,
      after,
      kind,
      ...(defaultBranch === undefined
        ? {}
        : { defaultBranch: ref === `refs/heads/${defaultBranch}`, defaultBranchName: defaultBranch }),
      ...(pusher === undefined ? {} : { pusher: cutText(pusher, LONGEST_LOGIN) }),
      changes: changesOf(commitsOf(payload)),
      ...(incomplete === undefined ? {} : { incomplete }),
    },
  }
}

function commitsOf(payload: unknown): unknown[] {
  const commits = fieldOf(payload, 'commits')
  return Array.isArray(commits) ? commits : []
}

function whatIsMissing(payload: unknown, kind: 'created' | 'updated'): ReportedPush['incomplete'] {
  const commits = commitsOf(payload)
  const size = Math.max(numberIn(payload, 'size'), numberIn(payload, 'distinct_size'))
  if (commits.length >= MOST_COMMITS || commits.length < size) return 'truncated'
  if (!Array.isArray(fieldOf(payload, 'commits')) || !commits.every(listsItsFiles)) return 'truncated'
  // What the commits changed that the branch has lost is in no list.
  if (fieldOf(payload, 'forced') === true) return 'forced'
  // A branch that is made where another stands has no commits of its own; one that moves has.
  return commits.length === 0 && kind === 'updated' ? 'truncated' : undefined
}

function listsItsFiles(commit: unknown): boolean {
  const lists = CHANGES.map(change => fieldOf(commit, change))
  if (!lists.some(Array.isArray)) return false
  return (
    lists.reduce<number>((files, list) => files + (Array.isArray(list) ? list.length : 0), 0) < MOST_FILES_OF_A_COMMIT
  )
}

function numberIn(payload: unknown, name: string): number {
  const found = fieldOf(payload, name)
  return typeof found === 'number' ? found : 0
}

const CHANGES = ['added', 'modified', 'removed'] as const

/** What the commits, taken together, did to each path. GitHub lists a renamed file as removed and added. */
export function changesOf(commits: readonly unknown[]): Map<string, PathChange> {
  const spans = new Map<string, { first: Change; last: Change }>()
  for (const commit of commits) {
    for (const change of CHANGES) {
      const paths = fieldOf(commit, change)
      for (const path of Array.isArray(paths) ? paths : []) {
        if (typeof path !== 'string' || !isPath(path)) continue
        spans.set(path, { first: spans.get(path)?.first ?? change, last: change })
      }
    }
  }
  return new Map([...spans].map(([path, { first, last }]) => [path, netChange(first, last)]))
}

function netChange(first: Change, last: Change): PathChange {
  const [was, is] = [first !== 'added', last !== 'removed']
  if (was) return is ? 'modified' : 'removed'
  return is ? 'added' : 'passing'
}

/** What cannot be in a tree of git is in no catalog either; nor is what no store of ours can find again. */
const isPath = (path: string) =>
  Buffer.byteLength(path) <= LIMITS.pathBytes &&
  path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
