// One file that is registered, with everything that its repository holds.

import type { Tree } from './ghes-trees.ts'
import { HOST, OWNER } from './installations.ts'

export type Case = {
  /** The name of its repository, and of no other's. */
  name: string
  /** What was done to it, for people. */
  operators: readonly string[]
  /** The registered file. */
  path: string
  tree: Tree
}

const encoded = (path: string) => path.split('/').map(encodeURIComponent).join('/')
export const fullNameOf = ({ name }: Case) => `${OWNER}/${name}`

/** As it is registered. */
export const registeredUrl = (one: Case) => `https://${HOST}/${fullNameOf(one)}/blob/main/${encoded(one.path)}`

/** As the catalog names a file of the repository in an entity's annotation. */
export const fileUrl = (one: Case, path: string) => `https://${HOST}/${fullNameOf(one)}/tree/main/${encoded(path)}`
