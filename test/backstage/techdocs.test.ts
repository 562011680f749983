// What `catalog-gate wiki` makes of a wiki, shown by a real TechDocs backend: its own step over mkdocs.yml changes nothing, it builds, and the pages are served.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { parse } from 'yaml'
import { systemClock } from '../../relay/runtime/clock.ts'
import { wiki } from '../../scripts/wiki/wiki.ts'
import { type Ghes, startGhes } from '../support/ghes.ts'
import { git } from '../support/git.ts'
import { createRepositoryHost, type RepositoryHost } from '../support/repository.ts'
import { everything } from '../wiki/every-construct.ts'
import { startWikiHost, type WikiHost } from '../wiki/wiki-host.ts'
import { type Backstage, READER_TOKEN, startBackstage } from './backend.ts'

const require = createRequire(join(import.meta.dirname, 'package.json'))

// It comes with the backend's plugin.
const TECHDOCS_NODE = '@backstage/plugin-techdocs-node/alpha'

const catalogInfo = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: pay
spec:
  type: service
  lifecycle: production
  owner: team-a
`

suite('a wiki in TechDocs', { timeout: 120_000 }, () => {
  let wikis: WikiHost
  let host: RepositoryHost
  let ghes: Ghes
  let backstage: Backstage
  before(async () => {
    wikis = await startWikiHost()
    host = await createRepositoryHost()
    await wikis.create('acme/pay', { 'catalog-info.yaml': catalogInfo })
    await wikis.create('acme/pay.wiki', everything)
    const tokenFile = join(host.directory, 'token')
    writeFileSync(tokenFile, wikis.token, { mode: 0o600 })
    const said: string[] = []
    const code = await wiki(
      {
        ...{
          repo: ['acme/pay'],
          org: [],
          branch: 'catalog-gate/wiki',
          apiUrl: `${wikis.url}/api/v3`,
          tokenFile,
          apply: true,
        },
        work: join(host.directory, 'work'),
      },
      {
        ...{ say: line => said.push(line), sayError: line => said.push(line), cwd: host.directory, env: {} },
        ...{ clock: systemClock, interrupted: new AbortController().signal },
      },
    )
    assert.equal(code, 0, said.join('\n'))
    // The pull request is merged, and the repository is where Backstage reads.
    const repository = await host.create('acme/pay')
    const copy = await repository.clone()
    await git(copy.directory, ['fetch', '-q', join(wikis.root, 'acme/pay.git'), 'catalog-gate/wiki'])
    await git(copy.directory, ['push', '-q', 'origin', 'FETCH_HEAD:refs/heads/main'])
    ghes = await startGhes({ root: host.root, token: 'ghp_test' })
    backstage = await startBackstage({
      ...{ directory: host.directory, ghe: { host: ghes.host, apiBaseUrl: ghes.apiBaseUrl, token: 'ghp_test' } },
      ...{ relayToken: 'relay-token-0123456789abcdef', modules: ['@backstage/plugin-techdocs-backend'] },
      more: {
        techdocs: {
          builder: 'local',
          generator: { runIn: 'local', mkdocs: { omitTechdocsCorePlugin: true } },
          publisher: { type: 'local', local: { publishDirectory: join(host.directory, 'techdocs') } },
        },
      },
    })
  })
  after(async () => {
    await backstage?.stop()
    await ghes?.stop()
    await host?.remove()
    await wikis?.stop()
  })

  const ask = (path: string) =>
    fetch(`${backstage.url}/api/techdocs${path}`, {
      headers: { authorization: `Bearer ${READER_TOKEN}`, connection: 'close' },
    })

  test('what TechDocs does with mkdocs.yml before it builds changes nothing in it', async () => {
    const written = await git(join(host.root, 'acme/pay.git'), ['show', 'main:mkdocs.yml'])
    assert.deepEqual(await sanitized(written), { dropped: 0, mkdocs: parse(written) })
    const { dropped } = await sanitized(`${written}\nhooks: [hook.py]\nextra_javascript: [x.js]\n`)
    assert.equal(dropped, 1, 'it drops what it does not allow')
  })

  /** By the very step of TechDocs. */
  async function sanitized(mkdocs: string): Promise<{ dropped: number; mkdocs: unknown }> {
    const { sanitizeMkdocsYml } = require(TECHDOCS_NODE)
    const file = join(host.directory, 'mkdocs.yml')
    writeFileSync(file, mkdocs)
    let dropped = 0
    const warn = () => {
      dropped++
    }
    await sanitizeMkdocsYml(file, { warn, info() {}, debug() {}, error: warn })
    return { dropped, mkdocs: parse(readFileSync(file, 'utf8')) }
  }

  test('it is built, and its pages are served', async () => {
    await backstage.register(`https://${ghes.host}/acme/pay/blob/main/catalog-info.yaml`)
    await backstage.until(
      'component:default/pay',
      entity => entity?.metadata.annotations?.['backstage.io/techdocs-ref'] === 'dir:.',
    )
    const built = await (await ask('/sync/default/component/pay')).text()
    assert.match(built, /event: finish\ndata: \{"updated":true\}/, built)
    const page = await ask('/static/docs/default/component/pay/About-Us/index.html')
    assert.equal(page.status, 200)
    assert.match(await page.text(), /<h2 id="some-heading">Some: Heading<\/h2>/)
    const picture = await ask('/static/docs/default/component/pay/images/a-b.png')
    assert.equal(picture.status, 200)
  })
})
