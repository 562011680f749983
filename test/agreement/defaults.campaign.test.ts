// A hook that is told nothing of its Backstage refuses nothing that one of the usual installations takes, and is not silent where it takes more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckedFile } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { casesOf } from '../backstage/agreement/cases.ts'
import { INSTALLATIONS } from '../backstage/agreement/installations.ts'
import { judgeByUs } from '../backstage/agreement/ours.ts'
import { rounds, seed } from '../support/campaign.ts'

const INSTALLED = ['plain', 'openapi', 'codeowners'] as const
/** Backstage's own module resolves it where it is installed; and a URL that looks like GHES's is on a host that a hook does not know. */
const ARE_TAKEN = ['placeholder-unknown', 'placeholder-repository']

const errorsOf = ({ diagnostics }: CheckedFile, index: number) =>
  diagnostics.filter(({ document, severity }) => document === index && severity === 'error')

test('the settings as they come', async () => {
  const faults: string[] = []
  let refused = 0
  for (const one of casesOf(seed, rounds(20, 2000))) {
    const told = await judgeByUs(one, { profile: 'builtin', settings: plainInstallation }, {})
    const isSilent = told.every(({ diagnostics }) => diagnostics.length === 0)
    for (const name of INSTALLED) {
      const known = await judgeByUs(one, INSTALLATIONS[name])
      for (const file of told)
        for (const { index, status } of file.documents) {
          const other = known.find(({ path }) => path === file.path)
          const itsStatus = other?.documents.find(document => document.index === index)?.status
          refused += Number(status === 'rejected')
          if (status === 'rejected' && itsStatus !== 'rejected')
            faults.push(
              `${name} takes ${one.name} ${file.path}: ${errorsOf(file, index).map(({ message }) => message)}`,
            )
          const codes = other === undefined ? [] : errorsOf(other, index).map(({ code }) => code)
          if (isSilent && itsStatus === 'rejected' && !codes.some(code => ARE_TAKEN.includes(code)))
            faults.push(`${name} refuses ${one.name} ${file.path}, and nothing is said: ${codes}`)
        }
    }
  }
  assert.deepEqual(faults, [], `seed ${seed}`)
  assert.ok(refused > 20)
})
