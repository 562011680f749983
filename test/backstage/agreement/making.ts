// A case that is being made: its operators change the entity and add files.
import type { Value } from '../../agreement/bases.ts'
import type { Random } from '../../agreement/random.ts'

export type Making = { r: Random; name: string; path: string; entity: Value; tree: Map<string, Buffer> }
