// One commit through the Git data API: blobs, a tree, the commit, and the branch moved to it. Nothing is seen before the last of these.
import { EMPTY_TREE, type RepositoriesApi, type TreeChange } from '../ghes/repositories.ts'
import { Failed } from './failed.ts'
import { granted } from './granted.ts'
import type { FileChange, Step } from './step.ts'

export async function commit(api: RepositoriesApi, step: Step & { do: 'commit' }): Promise<void> {
  const { repository, files, message } = step
  // Read again: the repository may have been made, or moved on, since the plan.
  const { defaultBranch } = await granted(api.read(repository))
  const head = await granted(api.branch(repository, defaultBranch))
  const base = await granted(api.commitTree(repository, head))
  const changes: TreeChange[] = []
  for (const file of files) changes.push(await treeChange(api, repository, file))
  // The tree of nothing is not made by request: Git knows it.
  const tree = step.leavesNothing ? EMPTY_TREE : await granted(api.createTree(repository, base, changes))
  const sha = await granted(api.createCommit(repository, { message, tree, parents: [head] }))
  await granted(api.moveBranch(repository, defaultBranch, sha))
}

async function treeChange(api: RepositoriesApi, repository: string, file: FileChange): Promise<TreeChange> {
  const mode = 'executable' in file ? '100755' : '100644'
  switch (file.give) {
    case 'bytes': {
      const id = await granted(api.createBlob(repository, file.bytes))
      if (id !== file.id)
        throw new Failed(
          `GHES keeps ${file.path} as ${id} instead of ${file.id}`,
          'a proxy on the way may change contents; look at HTTPS_PROXY. Nothing of it is on the branch',
        )
      return { path: file.path, mode, id }
    }
    case 'id':
      return { path: file.path, mode, id: file.id }
    case 'text':
      return { path: file.path, mode, text: file.text }
    case 'nothing':
      return { path: file.path, mode, id: null }
  }
}
