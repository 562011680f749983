// The cases of a seed: three in four are about their trees.
import type { Case } from './case.ts'
import { standAlone } from './stand-alone.ts'
import { withTree } from './with-trees.ts'

export const caseOf = (seed: number, index: number): Case =>
  index % 4 === 0 ? standAlone(seed, index) : withTree(seed, index)

export const casesOf = (seed: number, count: number): Case[] =>
  Array.from({ length: count }, (_, index) => caseOf(seed, index))
