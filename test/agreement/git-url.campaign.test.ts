// Our reading of a URL is git-url-parse's, by which the catalog decides.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GitUrl, gitUrl } from '../../hooks/catalog/checks/git-url.ts'
import { rounds } from '../support/campaign.ts'
import { randomFrom } from './random.ts'
import { parseGitUrl } from './same-repository.ts'
import { someUrl } from './urls.ts'

/** What it throws at is nothing to the catalog. */
function reference(target: string): GitUrl | undefined {
  if (!URL.canParse(target)) return undefined
  try {
    const { owner, name, filepath, filepathtype, ref, resource, full_name } = parseGitUrl(target)
    return {
      host: resource,
      owner: owner ?? '',
      name: name ?? '',
      fullName: full_name,
      type: filepathtype ?? '',
      ref: ref ?? '',
      file: filepath ?? '',
    }
  } catch {
    return undefined
  }
}

/** A repository's name counts only when it has both parts. */
const withoutEmptyName = (url: GitUrl | undefined) => (url?.owner && url.name ? url : url && { ...url, fullName: '' })

const URLS = rounds(10_000, 50_000)

test('a URL names the same file of the same repository for us and for git-url-parse', () => {
  let files = 0
  let unreadable = 0
  for (let seed = 0; seed < URLS; seed++) {
    const target = someUrl(randomFrom(seed))
    const expected = reference(target)
    if (expected === undefined) unreadable++
    else if (expected.owner && expected.name && expected.file) files++
    assert.deepEqual(withoutEmptyName(gitUrl(target)), withoutEmptyName(expected), `seed ${seed}: ${target}`)
  }
  assert.ok(files > URLS / 25 && unreadable > URLS / 25, `${files} URLs named a file, ${unreadable} could not be read`)
})
