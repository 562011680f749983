// Other documents of the same file: good ones, and what is bad in every way that a file can suffer from.
import type { Value } from '../../agreement/bases.ts'
import { component } from './locations.ts'
import type { Making } from './making.ts'

export function neighbours({ r, name }: Making): (Value | string)[] {
  if (r.chance(0.6)) return []
  const other = (more: object = {}, spec: object = {}): Value => ({ ...component(`${name}.x`, spec), ...more })
  const bad: readonly (Value | string)[] = [
    'a: b: c\n',
    'a: *nowhere\n',
    'a: 1\na: 2\n',
    '[1]\n',
    'x\n',
    '# nothing\n',
    '',
    other({ kind: 'Foo' }),
    other({ kind: 'User', spec: { memberOf: [] } }),
    other({ kind: 5 }),
    { apiVersion: 'backstage.io/v1alpha1', kind: 'Component' },
    other({ metadata: {} }),
    other({ metadata: { name: `${name}.x`, annotations: [] } }),
    other({ metadata: { name: `${name} x` } }),
    other({ metadata: { name: `${name}.x`, namespace: 'Über' } }),
    other({}, { lifecycle: 7 }),
    other({}, { dependsOn: ['x'] }),
    other({}, { owner: { $text: 1 } }),
    other({}, { owner: { $text: './absent.txt' } }),
    other({}, { a: 1, A: 2 }),
    other({ relations: [] }),
    other({ kind: 'Location', spec: { type: 'file', targets: [] } }),
    other({ kind: 'Location', spec: { targets: ['./absent.yaml'] } }),
  ]
  const some = r.chance(0.3) ? [other()] : [r.pick(bad)]
  return r.chance(0.2) ? [...some, { ...component(`${name}.y`) }] : some
}
