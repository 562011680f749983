// A repository with the built hook for each test that pushes, and the words in which a push is judged.
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import {
  type BareRepository,
  createRepositoryHost,
  type RepositoryHost,
  type RepositoryOptions,
} from '../../support/repository.ts'
import type { PushResult, WorkingCopy } from '../../support/working-copy.ts'
import { buildInto, component } from '../built-hook.ts'

export const HOLED = component(`\${{ values.name }}`)
export const REFUSED = /^error: this push was not accepted: /m
export const ACCEPTED_WITH = /^warning: this push was accepted with /m

export type PushFixture = {
  host: RepositoryHost
  /** The built hook with the default configuration. */
  hook: string
  /** A repository whose main holds `files`, put there before the hook is installed. */
  seeded: (
    files: Record<string, string>,
    options?: RepositoryOptions & { hook?: string; fullName?: string },
  ) => Promise<{ repository: BareRepository; copy: WorkingCopy }>
}

/** For the file that calls it at its top: built before its first test, gone after its last. */
export function usePushFixture(): PushFixture {
  let host: RepositoryHost
  let hook: string
  let repositories = 0
  before(async () => {
    host = await createRepositoryHost()
    hook = await buildInto(host.directory, 'catalog-gate')
  })
  after(() => host.remove())
  return {
    get host() {
      return host
    },
    get hook() {
      return hook
    },
    async seeded(files, options = {}) {
      const repository = await host.create(options.fullName ?? `acme/r${++repositories}`, { ...options, hooks: [] })
      const copy = await repository.clone()
      if (Object.keys(files).length > 0) assert.equal((await copy.change(files)).exitCode, 0)
      await repository.installHooks([options.hook ?? hook])
      return { repository, copy }
    },
  }
}

export function assertRefused(push: PushResult, ...expected: (string | RegExp)[]): void {
  assert.equal(push.exitCode, 1, push.terminal)
  assert.match(push.remote, REFUSED)
  for (const part of expected) {
    if (typeof part === 'string') assert.ok(push.remote.includes(part), `${part} is missing in:\n${push.remote}`)
    else assert.match(push.remote, part)
  }
}

export function assertQuiet(push: PushResult): void {
  assert.equal(push.exitCode, 0, push.terminal)
  assert.equal(push.remote, '')
}

export function assertSays(push: PushResult, ...expected: RegExp[]): void {
  assert.equal(push.exitCode, 0, push.terminal)
  for (const part of expected) assert.match(push.remote, part)
}
