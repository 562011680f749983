// What people really write wrong, and the message that each gets: messages.txt is a list of documents with their findings.
//
// After a change of words: UPDATE_MESSAGES=1 node --test test/checks/messages.test.ts, and read the difference.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'
import { everyFileHolds } from '../support/quoted.ts'

const file = join(import.meta.dirname, 'messages.txt')
const rules: Rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }

const cases = readFileSync(file, 'utf8')
  .split(/^=== /m)
  .slice(1)
  .map(part => {
    const arrow = part.indexOf('--->\n')
    const end = part.indexOf('\n') + 1
    return { name: part.slice(0, end - 1), yaml: part.slice(end, arrow), findings: part.slice(arrow + '--->\n'.length) }
  })

function findingsOf(yaml: string): string {
  return checkFile('catalog-info.yaml', Buffer.from(yaml), rules, everyFileHolds('{}'))
    .diagnostics.map(({ line, column, code, message, hint, label }) => {
      const second = label ? `  ${label.line}:${label.column} ${label.text}\n` : ''
      return `${line}:${column} ${code}: ${message}\n${second}${hint ? `  hint: ${hint}\n` : ''}`
    })
    .join('')
}

if (process.env['UPDATE_MESSAGES']) {
  writeFileSync(file, cases.map(({ name, yaml }) => `=== ${name}\n${yaml}--->\n${findingsOf(yaml)}`).join(''))
} else {
  for (const { name, yaml, findings } of cases) test(name, () => assert.equal(findingsOf(yaml), findings))
}
