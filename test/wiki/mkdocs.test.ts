// A wiki with every construct, and one that means harm, built by the real MkDocs with --strict: not one warning, and links that lead where they led.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { siteOf } from '../../scripts/wiki/site.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { everything } from './every-construct.ts'

suite('built by MkDocs', () => {
  const folder = temporaryFolder()
  after(() => rmSync(folder, { recursive: true }))

  const build = async (given: Record<string, string | Buffer>, name: string) => {
    const files = Object.entries(given).map(([path, content]) => ({
      path,
      mode: '100644',
      id: path,
      bytes: content.length,
    }))
    const texts = new Map<string, string>()
    const site = await siteOf(
      {
        repository: 'acme/pay',
        webUrl: 'https://ghe.test/acme/pay',
        files,
        read: async id => Buffer.from(given[id] ?? ''),
      },
      async text => {
        texts.set(`#${texts.size}`, text)
        return `#${texts.size - 1}`
      },
    )
    const source = join(folder, name)
    for (const [path, id] of site.files) {
      mkdirSync(dirname(join(source, path)), { recursive: true })
      writeFileSync(join(source, path), texts.get(id) ?? given[id] ?? '')
    }
    const run = spawnSync('mkdocs', ['build', '--strict', '--quiet', '--site-dir', join(folder, `${name}-site`)], {
      cwd: source,
      encoding: 'utf8',
    })
    assert.equal(run.error, undefined, 'mkdocs is not there: apt-get install mkdocs')
    assert.deepEqual([run.status, run.stdout, run.stderr], [0, '', ''])
    return (path: string) => readFileSync(join(folder, `${name}-site`, path), 'utf8')
  }

  test('every construct: no warning, and each link of a built page leads to something', async () => {
    const page = await build(everything, 'every')
    for (const path of ['index.html', 'About-Us/index.html', 'deep/er/Deep-Page/index.html']) {
      const main = page(path)
      const addresses = [...main.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address = '']) =>
        address.replaceAll('&amp;', '&'),
      )
      const inside = addresses.filter(address => !/^([a-z]+:|#|\/\/|&#)/.test(address))
      const missing = inside.filter(address => {
        const [file = '', anchor] = decodeURIComponent(address.replace(/\?.*$/, '')).split('#')
        const target = join(
          folder,
          'every-site',
          dirname(path),
          file.endsWith('/') || file === '' || file === '.' || file === '..' ? `${file}/index.html` : file,
        )
        const found = existsSync(target)
          ? target.endsWith('.html') || existsSync(target)
            ? target
            : undefined
          : undefined
        return (
          found === undefined ||
          (anchor !== undefined && anchor !== '' && !readFileSync(found, 'utf8').includes(`id="${anchor}"`))
        )
      })
      assert.deepEqual(missing, [], path)
    }
    assert.doesNotMatch(page('index.html').split('Local part')[1] ?? '', /onerror|javascript:|alert\("x"\)/)
  })

  test('many pages that name each other', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `Page-${i}.md`,
        `See [[Page ${(i * 7) % 60}]] and [x](Page-${i + 1}).\n\n## A\n`,
      ]),
    )
    const page = await build({ ...many, 'Home.md': '[[Page 1]]' }, 'many')
    assert.match(page('Page-1/index.html'), /href="\.\.\/Page-7\/"/)
  })
})
