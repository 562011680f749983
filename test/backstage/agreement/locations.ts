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
  const { r, name, entity } = making
  const targets = Array.from({ length: r.pick([0, 1, 1, 1, 2, 2, 3]) }, (_, i) => someTarget(making, i))
  const spec = {
    ...(r.chance(0.15) ? { type: r.pick<unknown>(TYPES) } : {}),
    ...someFields(r, targets),
    ...(r.chance(0.25) ? { presence: r.pick<unknown>(PRESENCES) } : {}),
  }
  Object.assign(entity, location(name, r.chance(0.15) ? quoted(making, spec) : spec))
  if (r.chance(0.05)) Object.assign(entity, { apiVersion: r.pick(['backstage.io/v1beta1', 'backstage.io/v1', 'v1']) })
  if (r.chance(0.05)) Object.assign(entity, { kind: r.pick(['location', 'Locations', 'Component']) })
}

const TYPES = ['url', 'url', 'file', 'URL', 'github', '', ' url', null, 0, false, ['url'], 'URL ', 'bootstrap']
const PRESENCES = ['optional', 'optional', 'required', 'Optional', '', null, true, ['optional'], 'optional ']

/** Both fields, one of them, or one of them as it should not be. */
function someFields(r: Random, targets: readonly string[]): object {
  const [first = '', ...others] = targets
  return r.pick<() => object>([
    () => (targets.length === 1 && r.chance(0.5) ? { target: first } : { targets }),
    () => (targets.length === 1 && r.chance(0.5) ? { target: first } : { targets }),
    () => (targets.length === 1 && r.chance(0.5) ? { target: first } : { targets }),
    () => ({ target: first, targets: others }),
    () => ({ target: first, targets }),
    () => ({ targets: [...targets, ...targets] }),
    () => ({
      targets: r.pick<unknown>([
        first,
        { a: first },
        [first, ''],
        [first, null],
        [[first]],
        [{ target: first }],
        null,
        0,
      ]),
    }),
    () => ({ target: r.pick<unknown>([targets, null, 5, { $text: first }, '', ' ', [], {}]) }),
    () => ({ target: null, targets }),
    () => ({ [r.pick(['Targets', 'target ', 'path', 'url', 'Target'])]: first, targets: others }),
  ])()
}

/** The same, or a part of it, from a file. */
function quoted({ r, path, tree }: Making, spec: Record<string, unknown>): object {
  const from = (file: string, value: unknown, key = r.pick(['$json', '$yaml'])) => {
    const text =
      key === '$yaml' ? stringify(value ?? null) : key === '$text' ? String(value) : JSON.stringify(value ?? null)
    tree.set(posix.join(posix.dirname(path), file), Buffer.from(text))
    return { [key]: `./${file}` }
  }
  const field = r.pick(Object.keys(spec))
  return r.pick<() => object>([
    () => from('q/spec.any', spec),
    () => ({ ...spec, [field]: from('q/field.any', spec[field]) }),
    () => ({ ...spec, [field]: from('q/field.any', spec[field], r.pick(['$text', '$json', '$openapi'])) }),
    () => {
      const targets = Array.isArray(spec['targets']) ? spec['targets'] : [spec['target']]
      return { ...spec, targets: targets.map((one, i) => from(`q/${i}.any`, one, r.pick(['$text', '$json', '$yaml']))) }
    },
  ])()
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
    () => someUrl(r, name, file),
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

/** Of the own repository or of nearly that, in ways that few write. */
const someUrl = (r: Random, name: string, path: string) => {
  const repository = `https://${HOST}/${OWNER}/${name}`
  return r.pick([
    `//${HOST}/${OWNER}/${name}/blob/main/${path}`,
    `HTTPS://${HOST.toUpperCase()}/${OWNER}/${name}/blob/main/${path}`,
    `https://${HOST}:443/${OWNER}/${name}/blob/main/${path}`,
    `https://user@${HOST}/${OWNER}/${name}/blob/main/${path}`,
    `http://${HOST}/${OWNER}/${name}/blob/main/${path}`,
    `${repository}/blob/main/${path}?raw=true`,
    `${repository}/blob/main/${path}#L1`,
    `${repository}/blob/main//${path}`,
    `${repository}/blob/main/x/../${path}`,
    `${repository}/blob/main/*/${path}`,
    `${repository}/blob/main/**`,
    `${repository}/blob/main/`,
    `${repository}/blob/main`,
    `${repository}/blob/`,
    `${repository}/`,
    repository,
    `${repository}.git`,
    `${repository}/commits/main/${path}`,
    `${repository.toUpperCase()}/blob/main/${path}`,
    ` ${repository}/blob/main/${path} `,
    `git@${HOST}:${OWNER}/${name}.git`,
    `url:${repository}/blob/main/${path}`,
  ])
}

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
    './teams/@(a|b).yaml',
    './teams/+([ab]).yaml',
    './teams/[!a].yaml',
    './teams/[a-b].yaml',
    './teams/{a..b}.yaml',
    './teams/%2A.yaml',
    './teams/*%2Eyaml',
    './teams/\\*.yaml',
    './teams/*.yaml?x',
    './teams/*.yaml#x',
    './teams/*/',
    './teams/**/',
    './/teams/*.yaml',
    './x/../teams/*.yaml',
    './teams/../teams/*.yaml',
    './teams/*.y*ml',
    './**',
    '**',
    '*',
    './*',
    './*/*',
    './**/*',
    './**/c.yaml',
    './teams/**/c.yaml',
    './teams/**.yaml',
    './{teams,none}/a.yaml',
    './{none}/a.yaml',
    './teams/a.{yaml,yml}',
    './teams/*.yaml ',
    ' ./teams/*.yaml',
    './*eams/a.yaml',
    './teams/deep/*',
    './teams/*/**/*.yaml',
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
