// What `environment build` gets of the process, for tests that build one: everything it says is kept.
import { tmpdir } from 'node:os'
import type { EnvironmentEdges } from '../../scripts/environment/build.ts'

export const environmentEdges = (said: string[], other: Partial<EnvironmentEdges> = {}): EnvironmentEdges => ({
  say: line => said.push(line),
  sayError: line => said.push(line),
  isWatched: () => false,
  temporary: tmpdir(),
  interrupted: new AbortController().signal,
  ...other,
})
