// The place in which a fix is tried: the tree with other bytes at the file's path, checked as everything else of it was.
import type { Profile } from '../../../schemas/profile.ts'
import type { Budget, Checker } from '../check-files.ts'
import type { CheckedFile } from '../file.ts'
import { type Tree, withContents } from '../tree.ts'
import type { FixEdges } from './find.ts'

type TrialEdges = {
  checker: Checker
  tree: Tree
  /** All that was checked of the tree. */
  files: readonly CheckedFile[]
  followLocations: boolean
  profile: Profile
  budget: Budget
}

/** What `findFixes` needs for a file of the tree. */
export function trialOf(
  file: CheckedFile,
  { checker, tree, files, followLocations, profile, budget }: TrialEdges,
): FixEdges {
  const others = files.filter(one => one !== file)
  const told = new Set(files.map(({ path }) => path))
  return {
    profile,
    budget,
    taken: new Set(others.flatMap(({ entities }) => entities.map(({ ref }) => ref))),
    async again(bytes) {
      const changed = withContents(tree, new Map([[file.path, bytes]]))
      const checked = await checker.check({ tree: changed, paths: [file.path], followLocations })
      // What a mended Location leads to would be refused next.
      const isWorse = checked.files.some(
        ({ path, diagnostics }) => !told.has(path) && diagnostics.some(({ severity }) => severity === 'error'),
      )
      return isWorse ? undefined : checked.files.find(({ path }) => path === file.path)
    },
  }
}
