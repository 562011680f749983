// The kinds of a hook as esbuild takes them: Backstage's profile as it is compiled, and an organisation's own schemas beside it, compiled ahead as well.
import { join, resolve } from 'node:path'
import type { Plugin } from 'esbuild'
import type { OwnKindFile } from '../config/own-kinds.ts'
import { compilerFor } from '../config/own-kinds-compiler.ts'

const schemas = join(resolve(import.meta.dirname, '../..'), 'schemas')

/** Answers `catalog-gate:profile`. Without own kinds that is Backstage's profile itself. */
export function profilePlugin(profile: string, kinds: readonly OwnKindFile[]): Plugin {
  return {
    name: 'profile',
    setup(setup) {
      setup.onResolve({ filter: /^catalog-gate:profile$/ }, () =>
        kinds.length === 0
          ? { path: join(schemas, `compiled/${profile}.mjs`) }
          : { path: 'profile.mjs', namespace: 'own-kinds' },
      )
      setup.onResolve({ filter: /^catalog-gate:own-kind-\d+\.mjs$/ }, ({ path }) => ({ path, namespace: 'own-kinds' }))
      setup.onLoad({ filter: /.*/, namespace: 'own-kinds' }, async ({ path }) => {
        const kind = kinds[Number(/\d+/.exec(path)?.[0] ?? -1)]
        const contents = kind === undefined ? profileModule(profile, kinds) : await validatorModule(kind)
        return { contents, resolveDir: schemas, loader: 'js' }
      })
    },
  }
}

function profileModule(profile: string, all: readonly OwnKindFile[]): string {
  const rows = all.map(
    ({ kinds, apiVersions, words, fields }, i) =>
      `{...${JSON.stringify({ kinds, apiVersions, words, fields })},validate:validate${i}}`,
  )
  return [
    `import { profile as backstage } from './compiled/${profile}.mjs'`,
    `import { withOwnKinds } from './own-kinds.ts'`,
    ...all.map((_, i) => `import validate${i} from 'catalog-gate:own-kind-${i}.mjs'`),
    `export const profile = withOwnKinds(backstage, [${rows.join(',')}])`,
  ].join('\n')
}

/** A module for each validator, so that the names in two of them do not clash. */
async function validatorModule({ schema }: OwnKindFile): Promise<string> {
  // Most hooks have no kinds of their own, and ajv is most of what building one would load.
  const [{ default: standaloneCode }, { withImports }] = await Promise.all([
    import('ajv/dist/standalone/index.js'),
    import('../../schemas/compile.mjs'),
  ])
  const { $schema, ...rest } = schema
  const compiler = await compilerFor($schema, true)
  if (compiler.result === 'wrong') throw new Error(compiler.problem)
  return withImports(standaloneCode.default(compiler.ajv, compiler.ajv.compile(rest)))
}
