// Markup as values: what is put in is text, whatever it says, and nothing in it hides.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from '../../schemas/html.ts'

test('texts are escaped, markup is not, lists are joined, nothing is nothing', () => {
  const rows = ['a<b', 'c&d'].map(text => html`<li title="${text}'"">${text}</li>`)
  assert.equal(
    html`<ul>${rows}${false}${undefined}${[1, '"']}</ul>`.markup,
    `<ul><li title="a&lt;b'"">a&lt;b</li><li title="c&amp;d'"">c&amp;d</li>1&quot;</ul>`,
  )
})

test('characters that are not seen are written out', () => {
  // A change of direction, a joiner, a soft hyphen, a tag, a control character.
  for (const hidden of ['\u202e', '\u200d', '\u00ad', '\u{e0041}', '\u0007']) {
    assert.match(html`${`a${hidden}b`}`.markup, /^a\\u[0-9a-f]{4,5}b$/, JSON.stringify(hidden))
  }
})
