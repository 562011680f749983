// Which URLs a placeholder may name: our rule against the reference, and what is said when less is known than Backstage knows.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readingOf } from '../../hooks/catalog/checks/placeholder-url.ts'
import { rounds } from '../support/campaign.ts'
import { HERE, SHAPES } from './placeholder-shapes.ts'
import { refusalOf } from './same-repository.ts'
import { targetOf } from './urls.ts'

const { host, fullName } = HERE
const FILES = ['catalog-info.yaml', 'a/b/catalog-info.yaml', 'größe %2e/x y.yaml']
const encoded = (file: string) => file.split('/').map(encodeURIComponent).join('/')
const locationOf = (on: string, branch: string, file: string) =>
  `https://${on}/${fullName}/tree/${branch}/${encoded(file)}`
const COUNT = rounds(2500, 10_000)

/** Known to differ: the letter case of a repository's name, since it is not known how a Location was registered. */
const isOtherCase = (target: string) => /org\/repo/i.test(target) && !target.includes('org/repo')

for (const { target, reading, hook } of SHAPES) {
  test(`${JSON.stringify(target)}: ${reading}${hook === undefined ? '' : `; for a hook: ${hook}`}`, () => {
    assert.equal(readingOf(target, HERE), reading)
    assert.equal(readingOf(target, { fullName, file: HERE.file }), hook ?? reading)
    assert.equal(refusalOf(target, locationOf(host, 'main', HERE.file)) ?? 'possible', reading)
  })
}

test('where all is known, what is refused is what the catalog refuses', () => {
  const counts = { possible: 0, 'other repository': 0, 'no file': 0 }
  for (let seed = 0; seed < COUNT; seed++) {
    const target = targetOf(seed)
    const file = FILES[seed % FILES.length] ?? ''
    const reading = readingOf(target, { host, fullName, file })
    counts[reading]++
    if (isOtherCase(target)) continue
    const refusal = refusalOf(target, locationOf(host, 'main', file))
    assert.equal(reading, refusal ?? 'possible', `seed ${seed}: ${target} in ${file}`)
  }
  for (const [reading, count] of Object.entries(counts)) assert.ok(count > COUNT / 50, `${reading}: ${count}`)
})

test('where the host is not known, what is refused is refused on any', () => {
  let refused = 0
  for (let seed = 0; seed < COUNT; seed++) {
    const target = targetOf(seed)
    const file = FILES[seed % FILES.length] ?? ''
    if (readingOf(target, { fullName, file }) === 'possible') continue
    refused++
    for (const on of [host, 'code.example.org'])
      for (const branch of ['main', 'dev'])
        assert.notEqual(
          refusalOf(target, locationOf(on, branch, file)),
          undefined,
          `seed ${seed}: ${target} in ${file} on ${on}, ${branch}`,
        )
  }
  assert.ok(refused > COUNT / 20, `only ${refused} were refused`)
})

test('without the path of the file, and without the name of the repository, nothing relative is refused', () => {
  assert.equal(readingOf('../../../../x', { host, fullName }), 'possible')
  assert.equal(readingOf('../../../../x', { host, file: 'catalog-info.yaml' }), 'possible')
})
