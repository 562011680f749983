// A wiki as docs/: what becomes of each way to link, of names, headings, HTML and the sidebar. Pages are built by the real MkDocs in test/wiki.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { type Site, siteOf } from '../../../scripts/wiki/site.ts'

type Files = Record<string, string | { text?: string; bytes?: number; mode?: string }>

async function made(given: Files): Promise<Site & { text: (path: string) => string }> {
  const files = Object.entries(given).map(([path, file]) => {
    const {
      text = '',
      mode = '100644',
      bytes = Buffer.byteLength(text),
    } = typeof file === 'string' ? { text: file } : file
    return { path, mode, bytes, id: path }
  })
  const stored = new Map<string, string>()
  const site = await siteOf(
    {
      ...{ repository: 'acme/pay', webUrl: 'https://ghe.test/acme/pay', files },
      read: async id => {
        const file = given[id]
        return Buffer.from((typeof file === 'string' ? file : file?.text) ?? '', 'latin1')
      },
    },
    async text => {
      const id = `#${stored.size}`
      stored.set(id, text)
      return id
    },
  )
  return { ...site, text: path => stored.get(site.files.get(path) ?? '') ?? '' }
}

/** What a page says, without the title and the line about its origin that every page gets. */
const body = (text: string) => text.replace(/^# Here\n\n/, '').replace(/\n\n<!-- From the wiki page[^\n]*\n$/, '')
const utf8 = (text: string) => Buffer.from(text).toString('latin1')

const around: Files = {
  'Home.md': '## Local part\n',
  'About-Us.md': utf8('# About\n\n## Some: Heading\n\n## Some: Heading\n\n## Ümläut & Co.\n\n## 日本語\n'),
  'deep/er/Deep-Page.md': 'x\n',
  'images/a b.png': 'PNG',
  'manual v1.pdf': 'PDF',
  'Old-Notes.rst': 'old\n',
}

const rows: [string, string][] = [
  // By the name of a page
  ['[[About Us]]', '[About Us](../About-Us.md)'],
  ['[[about us]]', '[about us](../About-Us.md)'],
  ['[[text|About Us]]', '[text](../About-Us.md)'],
  ['| a |\n|---|\n| [[text\\|About Us]] |', '| a |\n|---|\n| [text](../About-Us.md) |'],
  ['[[Deep Page]]', '[Deep Page](../deep/er/Deep-Page.md)'],
  ['[[Home]]', '[Home](../index.md)'],
  ['[[About Us#some-heading]]', '[About Us#some-heading](../About-Us.md#some-heading)'],
  ['[[Old Notes]]', '[Old Notes](../Old-Notes.rst)'],
  ['[[Manual|manual v1.pdf]]', '[Manual](../manual-v1.pdf)'],
  ['[[No Such]]', '[No Such](https://ghe.test/acme/pay/wiki/No-Such)'],
  ['[[X|https://x.test/a b]]', '[X](https://x.test/a%20b)'],
  ['[[_TOC_]]', '[TOC]'],
  // Pictures
  ['[[images/a b.png]]', '![](../images/a-b.png)'],
  ['[[/images/a b.png|alt=A|width=20px]]', '![A](../images/a-b.png){ width="20" }'],
  ['![i](images/a%20b.png "t")', '![i](../images/a-b.png "t")'],
  ['![i](../images/a%20b.png)', '![i](../images/a-b.png)'],
  ['![i](https://ghe.test/raw/wiki/acme/pay/images/a%20b.png)', '![i](../images/a-b.png)'],
  ['![i](https://raw.ghe.test/wiki/acme/pay/images/a%20b.png)', '![i](../images/a-b.png)'],
  ['[![i](images/a%20b.png)](Home)', '[![i](../images/a-b.png)](../index.md)'],
  // By an address
  ['[a](About-Us)', '[a](../About-Us.md)'],
  ['[a](./About-Us.md)', '[a](../About-Us.md)'],
  ['[a](<About Us>)', '[a](../About-Us.md)'],
  ['[a](About Us)', '[a](../About-Us.md)'],
  ['[a](../wiki/About-Us)', '[a](../About-Us.md)'],
  ['[a](/acme/pay/wiki/About-Us)', '[a](../About-Us.md)'],
  ['[a](https://ghe.test/Acme/Pay/wiki/about-us#some-heading)', '[a](../About-Us.md#some-heading)'],
  ['[a](https://ghe.test/acme/pay/wiki)', '[a](../index.md)'],
  ['[a](../issues/3)', '[a](https://ghe.test/acme/pay/issues/3)'],
  ['[a](/acme/other)', '[a](https://ghe.test/acme/other)'],
  ['[a](https://x.test/y)', '[a](https://x.test/y)'],
  ['[a](mailto:me@x.test)', '[a](mailto:me@x.test)'],
  ['[a](No-Such)', '[a](https://ghe.test/acme/pay/wiki/No-Such)'],
  ['[a](javascript:alert(1))', '[a](#)'],
  ['[a][r]\n\n[r]: About-Us "t"', '[a][r]\n\n[r]: ../About-Us.md "t"'],
  // GitHub's names of headings are not MkDocs'
  [utf8('[a](About-Us#ümläut--co)'), '[a](../About-Us.md#umlaut-co)'],
  ['[a](About-Us#some-heading-1)', '[a](../About-Us.md#some-heading_1)'],
  [utf8('[[#here-ü]]\n\n## Here: Ü'), utf8('[#here-ü](#here-u)\n\n## Here: Ü')],
  [utf8('[a](About-Us#日本語)'), '[a](../About-Us.md#_1)'],
  // What is code stays
  ['`[[About Us]] [a](About-Us)`', '`[[About Us]] [a](About-Us)`'],
  ['```\n[[About Us]]\n```', '```\n[[About Us]]\n```'],
  ['x\n\n    if [[ -f x ]]', 'x\n\n    if [[ -f x ]]'],
  ['if [[ -f x ]] or [[ $a = b ]]', 'if [[ -f x ]] or [[ $a = b ]]'],
  ['<!-- [[About Us]] -->', '<!-- [[About Us]] -->'],
  // Python-Markdown and GitHub differ
  ['text\n- a\n- b', 'text\n\n- a\n- b'],
  ['text\r\n- a', 'text\r\n\r\n- a'],
  ['<details>\n\n[[Home]]\n\n</details>', '<details markdown="1">\n\n[Home](../index.md)\n\n</details>'],
  // HTML: an address is one of the built page
  ['<img src="images/a b.png" width="20">', '<img src="../../images/a-b.png" width="20">'],
  ['<a href="About-Us#some-heading">x</a>', '<a href="../../About-Us/#some-heading">x</a>'],
  ['<a href="Home">x</a>', '<a href="../../">x</a>'],
  ['<img src="images/a b.png" onerror="x()">', '<img src="../../images/a-b.png">'],
  ['<a href="java&#115;cript:x()">x</a>', '<a>x</a>'],
  ['a <script>x()</script> b', 'a x() b'],
  ['<script>\nx()\n\ny()\n</script>\n\nb', '\n\nb'],
  ['<iframe src="https://x.test"></iframe>', ''],
  ['<b>bold</b> <kbd>k</kbd>', '<b>bold</b> <kbd>k</kbd>'],
]

suite('a page', () => {
  for (const [given, expected] of rows)
    test(JSON.stringify(given), async () => {
      const site = await made({ ...around, 'sub/Here.md': given })
      assert.equal(
        Buffer.from(body(site.text('docs/sub/Here.md'))).toString(),
        Buffer.from(expected, 'latin1').toString().trimEnd(),
      )
    })
})

test('names that MkDocs, a disk of Windows and a web server take, each once', async () => {
  const site = await made({
    ...{
      'README.md': 'a',
      'index.md': 'a',
      'Home.md': 'a',
      'CON.md': 'a',
      'templates/T.md': 'a',
      'What? 100% #1.md': 'a',
    },
    ...{
      'a b.md': 'a',
      'a-b.markdown': 'a',
      'A-B.md': 'a',
      '.dots.png': 'a',
      'x/..y.png': 'a',
      'pages-in-other-markups.md': 'a',
    },
  })
  assert.deepEqual([...site.files.keys()].sort(), [
    'docs/A-B.md',
    'docs/CON-page.md',
    'docs/README-page.md',
    'docs/What-100-1.md',
    'docs/a-b-2.md',
    'docs/a-b-3.md',
    'docs/index-page.md',
    'docs/index.md',
    'docs/pages-in-other-markups-2.md',
    'docs/templates-folder/T.md',
    'mkdocs.yml',
  ])
})

test('the sidebar is the nav; what it does not name comes last, and nothing is hidden', async () => {
  const sidebar =
    '# Main\n* [[Home]]\n* [[Us|About Us]]\n  * [Deep](Deep-Page)\n* Group\n  * [ext](https://x.test)\n* [[Nope]]\n\n## Files\n[[Manual|manual v1.pdf]]\n'
  const site = await made({ ...around, 'Zoo.md': 'z', '_Sidebar.md': sidebar })
  assert.deepEqual(parse(site.text('mkdocs.yml')), {
    site_name: 'pay',
    markdown_extensions: ['attr_list', 'fenced_code', 'md_in_html'],
    nav: [
      {
        Main: [
          { Home: 'index.md' },
          { Us: [{ Us: 'About-Us.md' }, { Deep: 'deep/er/Deep-Page.md' }] },
          { Group: [{ ext: 'https://x.test' }] },
        ],
      },
      { Files: [{ Manual: 'manual-v1.pdf' }] },
      { 'More pages': [{ Zoo: 'Zoo.md' }] },
      { 'Pages in other markups': 'pages-in-other-markups.md' },
    ],
  })
  assert.deepEqual(
    site.notes.filter(({ path }) => path === '_Sidebar.md').map(({ words }) => words),
    ['Nope leads to nothing in the wiki'],
  )
  const without = await made({ 'b.md': 'b', 'Home.md': 'h', 'a.md': 'a' })
  assert.deepEqual(parse(without.text('mkdocs.yml')).nav, [{ Home: 'index.md' }, { a: 'a.md' }, { b: 'b.md' }])
})

test('the footer stands below every page, led from where it stands', async () => {
  const site = await made({ 'Home.md': 'h', 'd/x.md': 'x', '_Footer.md': 'See [[Home]].' })
  assert.match(site.text('docs/d/x.md'), /^# x\n\nx\n\n---\n\nSee \[Home\]\(\.\.\/index\.md\)\.\n/)
  assert.match(site.text('docs/index.md'), /\n---\n\nSee \[Home\]\(index\.md\)\.\n/)
})

test('what is not brought over is said, with its reason; other markups are kept and listed', async () => {
  const site = await made({
    ...{ 'Home.md': 'h', 'x.rst': 'x', '_Header.md': 'h', '.hidden': 'x', 'Latin.md': 'caf\xe9' },
    ...{ 'link.md': { mode: '120000' }, 'sub.md': { mode: '160000' }, '../up.md': {}, 'a/.git/x.md': {} },
    ...{
      'Huge.md': { bytes: 100 * 1024 * 1024 },
      'film.mp4': { bytes: 101 * 1024 * 1024 },
      '_Sidebar.md': { bytes: 100_000 },
    },
  })
  assert.deepEqual(Object.fromEntries(site.notes.map(({ path, words }) => [path, words])), {
    '../up.md': 'not brought over: its path leads out of its folder',
    'Huge.md': 'not brought over: a page of 100.0 MiB; the most is 512 KiB, as on GitHub',
    '_Sidebar.md': 'not brought over: a sidebar of more than 64 KiB; the pages stand in the order of their names',
    'a/.git/x.md': 'not brought over: its path leads out of its folder',
    'film.mp4': 'not brought over: a file of 101.0 MiB; the most that GHES takes is 100 MiB',
    'link.md': 'not brought over: a symbolic link',
    'sub.md': 'not brought over: a submodule',
    '.hidden': 'left out: a hidden file',
    '_Header.md': 'left out: only _Sidebar.md and _Footer.md at the top of the wiki have a place',
    'x.rst': 'no Markdown: kept as a file, and listed on a page',
    'Latin.md': 'no UTF-8: read as Windows-1252',
  })
  assert.match(site.text('docs/Latin.md'), /^# Latin\n\ncafé\n/)
  assert.match(site.text('docs/pages-in-other-markups.md'), /- \[x\.rst\]\(x\.rst\)/)
  assert.equal(site.files.get('docs/x.rst'), 'x.rst')
})
