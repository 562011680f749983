// Locations and the files that they name: there, not there, broken, by pattern, one after another.
import { posix } from 'node:path'
import { stringify } from 'yaml'
import type { Random } from '../../agreement/random.ts'
import { someContent, someFileName, someSpelling } from './file-values.ts'
import { HOST, OWNER } from './installations.ts'
import type { Making } from './making.ts'

export const component = (name: string, more: object = {}) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name },
  spec: { type: 'service', lifecycle: 'production', owner: 'team-a', ...more },
})
const location = (name: string, spec: object) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Location',
  metadata: { name },
  spec,
})

export function someLocation(making: Making): void {
  const { r, name } = making
  const targets = Array.from({ length: r.pick([0, 1, 1, 1, 2, 2, 3]) }, (_, i) => someTarget(making, i))
  const spec = {
    ...(r.chance(0.15) ? { type: r.pick(['url', 'url', 'file', 'URL', 'github']) } : {}),
    ...(targets.length === 1 && r.chance(0.5) ? { target: targets[0] } : { targets }),
    ...(r.chance(0.2) ? { presence: r.pick(['optional', 'required', 'Optional']) } : {}),
  }
  Object.assign(making.entity, location(name, spec))
}

/** A target, with the files that it names. */
function someTarget(making: Making, i: number): string {
  const { r, path, tree, name } = making
  const folder = posix.dirname(path)
  const put = (file: string, content: string | Buffer) => tree.set(posix.join(folder, file), Buffer.from(content))
  const file = `${i}/${someFileName(r, r.pick(['.yaml', '.yml', '']))}`
  const withEntities = () => {
    put(file, someEntities(r, `${name}.${i}`))
    return someSpelling(r, file)
  }
  const withAnything = () => {
    put(file, someContent(r))
    return someSpelling(r, file)
  }
  const byUrl = () => {
    put(file, someEntities(r, `${name}.${i}`))
    return someOwnUrl(r, name, posix.join(folder, file))
  }
  const target = r.pick([
    withEntities,
    withEntities,
    withAnything,
    byUrl,
    () => someSpelling(r, file),
    () => somePattern(r, `${name}.${i}`, put),
    () => somePattern(r, `${name}.${i}`, put),
    () => someChain(r, `${name}.${i}`, put),
    () => `./${posix.basename(path)}`,
    () => r.pick(['.', './', '..', '', '/', './1']),
    () => `https://${HOST}/${OWNER}/x/blob/main/${r.pick(['catalog-info.yaml', 'absent.yaml'])}`,
    () => r.pick(ELSEWHERE),
  ])
  return target()
}

const ELSEWHERE = [
  'https://example.org/catalog-info.yaml',
  'file:///etc/passwd',
  'mailto:a@b',
  'https://',
  'not: a path',
]

const someOwnUrl = (r: Random, name: string, path: string) =>
  `https://${HOST}/${OWNER}/${name}/${r.pick(['blob', 'tree', 'raw', 'edit', 'src'])}/${r.pick(['main', 'main', 'main', 'dev'])}/${encodeURI(path)}`

/** Most of them good. Names are the case's own. */
export function someEntities(r: Random, name: string): string {
  const one = stringify(component(name))
  return r.pick([
    one,
    one,
    one,
    `${one}---\n${stringify(component(`${name}.b`))}`,
    `${one}---\n${stringify(component(`${name}.b`, { lifecycle: 5 }))}`,
    `${one}---\na: b: c\n`,
    `${one}---\nkind: Component\n`,
    stringify(component(name, { dependsOn: ['nobody'] })),
    stringify(component(name, { owner: undefined })),
    stringify({ ...component(name), kind: 'Foo' }),
    stringify({ ...component(name), kind: 'User', spec: { memberOf: [] } }),
    `${one}---\n${one}`,
    '# nothing\n',
    '',
  ])
}

type Put = (file: string, content: string) => void

function somePattern(r: Random, name: string, put: Put): string {
  put('teams/a.yaml', someEntities(r, `${name}.a`))
  put('teams/b.yaml', someEntities(r, `${name}.b`))
  put('teams/deep/c.yaml', someEntities(r, `${name}.c`))
  put('teams/.d.yaml', someEntities(r, `${name}.d`))
  if (r.chance(0.3)) put('teams/read me.md', '# Teams\n')
  return r.pick([
    './teams/*.yaml',
    './teams/*.yaml',
    'teams/*.yaml',
    '/teams/*.yaml',
    './teams/*',
    './teams/**',
    './**/a.yaml',
    './teams/**/*.yaml',
    './*/a.yaml',
    './teams/?.yaml',
    './teams/[ab].yaml',
    './teams/{a,b}.yaml',
    './teams/!(a).yaml',
    './teams/.*.yaml',
    './teams/*.none',
    './Teams/*.yaml',
    '../*/*.yaml',
    './teams/a.yaml*',
    './teams/(a|b).yaml',
  ])
}

/** A Location that a Location names; the last one may name nothing, or the first. */
function someChain(r: Random, name: string, put: Put): string {
  put('chain/one.yaml', stringify(location(`${name}.one`, { target: './two.yaml' })))
  put(
    'chain/two.yaml',
    stringify(
      location(`${name}.two`, {
        targets: [r.pick(['./three.yaml', './one.yaml', '../chain/three.yaml', './absent.yaml'])],
      }),
    ),
  )
  put('chain/three.yaml', someEntities(r, `${name}.three`))
  return './chain/one.yaml'
}
