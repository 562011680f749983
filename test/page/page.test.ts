// The status page in a real Chromium: what it shows, that it stays live, what an admin can do, and that hostile names stay texts.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { reportId } from '../../relay/store/ports/inbox.ts'
import type { PushNotification } from '../../schemas/notification.ts'
import { locationOf, numberedPush } from '../relay/movable-ghes.ts'
import { openRelayFixture, type RelayFixture } from '../relay/relay-fixture.ts'
import { serverError } from '../support/catalog.ts'
import { assertAccessible, startChromium } from '../support/chromium.ts'
import { messageId } from '../support/message-id.ts'
import { ADMIN_TOKEN, notify, report } from '../support/relay-process.ts'

let fixture: RelayFixture
let browser: Browser
const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-page-'))
const survey = join(folder, 'survey.json')
before(async () => {
  fixture = await openRelayFixture({
    landing: { firstCheckMs: 10, giveUpAfter: '60s' },
    retry: { firstMs: 1, maxMs: 2, giveUpAfter: '0ms' },
    survey,
  })
  browser = await startChromium()
})
after(async () => {
  await browser?.close()
  await fixture?.end()
  rmSync(folder, { recursive: true, force: true })
})

const step = (id: string, ...names: string[]) =>
  fixture.relay.logged(line => line['id'] === id && names.includes(String(line['step'])))

async function pushed(n: number, fields: Partial<PushNotification> = {}): Promise<string> {
  const push = { ...numberedPush(n, 1000), ...fields }
  fixture.ghes.land(push)
  fixture.catalog.knowLocation(locationOf(push))
  assert.equal((await notify(fixture.relay.listen, push)).status, 202)
  const id = messageId(push)
  await step(id, 'forwarded', 'unknown')
  return id
}

async function dead(n: number): Promise<string> {
  const push = numberedPush(n, 1000)
  fixture.catalog.failNext('refresh', serverError(500))
  await report(fixture.relay.listen, push, `delivery-${n}`)
  const id = reportId(`delivery-${n}`)
  await step(id, 'dead')
  return id
}

/** A page that fails the test for every console error, refused resource and request elsewhere. */
async function visit(
  path: string,
  run: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', message => {
    if (message.type() === 'error' && !/status of 401/.test(message.text())) faults.push(message.text())
  })
  page.on('pageerror', error => faults.push(String(error)))
  page.on('request', request => {
    if (!request.url().startsWith(`${fixture.relay.admin}/`) && !request.url().startsWith('data:'))
      faults.push(`asked ${request.url()}`)
  })
  try {
    await page.goto(`${fixture.relay.admin}${path}`)
    await run(page)
    assert.deepEqual(faults, [])
  } finally {
    await context.close()
  }
}

const main = (page: Page) => page.locator('main')

test('an empty relay says what would stand there', async () => {
  await visit('/', async page => {
    await main(page).getByText('No push has come yet').waitFor()
    await main(page).getByText('Nobody has gone past the gate').waitFor()
    await main(page).getByText('Off: reconcile.organizations is empty').waitFor()
    assert.deepEqual(await page.locator('.light .word').allTextContents(), ['works', 'works', 'works'])
    await main(page).getByText('Its token ends in 4 d: put a new one into its file before.').waitFor()
    await assertAccessible(page)
  })
})

test('the policy: nothing inline, nothing from elsewhere, in nobody’s frame; the same on every page', async () => {
  for (const path of [
    '/',
    '/pushes/none',
    '/assets/status.js',
    '/assets/status.css',
    '/?repository=x',
    '/repositories/a/b',
    '/repositories/*/b',
  ]) {
    const { headers } = await fetch(`${fixture.relay.admin}${path}`)
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|\*/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  }
})

test('a push comes and appears without a reload; the words typed meanwhile stay', async () => {
  await visit('/', async page => {
    let loads = 0
    page.on('framenavigated', () => loads++)
    await page.getByLabel('Repository').fill('acme/half-typ')
    await pushed(1, { pusher: 'mona' })
    const row = main(page).locator('tr', { hasText: 'acme/svc-1' })
    await row.getByText('forwarded').waitFor()
    assert.match((await row.textContent()) ?? '', /main.*mona.*ago.*\+\d+ ms.*\+\d+ ms/s)
    assert.equal(await page.getByLabel('Repository').inputValue(), 'acme/half-typ')
    assert.equal(loads, 0)
  })
})

test('a relay that goes away is told, and found again', async () => {
  await visit('/', async page => {
    await page.route('**/*', route => route.abort())
    await page.locator('#pulse.lost').waitFor()
    assert.match((await page.locator('#pulse').textContent()) ?? '', /does not answer.*is old/)
    await page.unroute('**/*')
    await page.locator('#pulse:not(.lost)').waitFor()
  }).catch((error: Error) => {
    // The browser says each refused request on its console: here that is the test's own doing.
    if (!/ERR_FAILED/.test(error.message)) throw error
  })
})

test('where is my push: by repository, by id, and on a page of its own', async () => {
  const id = await pushed(2, { bypass: 'incident 4711' })
  const { after } = numberedPush(2, 1000)
  await visit('/', async page => {
    await page.getByLabel('Repository').fill('acme/svc-2')
    await page.getByRole('button', { name: 'Find' }).click()
    await page.waitForURL('**/?q=acme%2Fsvc-2&state=')
    await main(page).getByRole('link', { name: 'acme/svc-2', exact: true }).click()
    await page.waitForURL(`**/pushes/${id}`)
    await main(page).getByText('Backstage was asked to refresh its file').waitFor()
    await main(page).getByText('“incident 4711”').waitFor()
    assert.deepEqual(await main(page).locator('.steps strong').allTextContents(), ['accepted', 'landed', 'forwarded'])
    const href = (name: string) => main(page).getByRole('link', { name }).first().getAttribute('href')
    assert.equal(await href(after.slice(0, 8)), `https://ghe.test/acme/svc-2/commit/${after}`)
    assert.equal(await href('component:default/svc-2'), `${fixture.catalog.url}/catalog/default/component/svc-2`)
    await assertAccessible(page)
    await page.getByLabel('Repository').fill(id)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.waitForURL(`**/pushes/${id}`)
    for (const text of ['SVC-2', after.slice(-6), `https://ghe.test/acme/svc-2/commit/${after}`]) {
      await page.getByLabel('Repository').fill(text)
      await page.getByRole('button', { name: 'Find' }).click()
      if (text !== after.slice(-6)) await main(page).getByRole('link', { name: 'acme/svc-2', exact: true }).waitFor()
      else await main(page).getByText('None that is kept').waitFor()
    }
    await page.getByLabel('State').selectOption('problem')
    await page.getByLabel('Repository').fill('')
    await page.getByRole('button', { name: 'Find' }).click()
    await main(page).getByText('None that is kept').waitFor()
  })
})

test('a push that waits says for what, and when it is looked at again', async () => {
  const push = numberedPush(3, 1000)
  fixture.ghes.heads.set(`${push.repository} heads/main`, 'f'.repeat(40))
  fixture.ghes.relation = 'diverged'
  await notify(fixture.relay.listen, push)
  await step(messageId(push), 'pending')
  await visit(`/pushes/${messageId(push)}`, async page => {
    const lead = (await page.locator('.lead').textContent()) ?? ''
    assert.match(lead, /waits until GHES shows the commit on main.*Held up: .*\. Looked at again/)
  })
})

test('a push that nobody knows is 404, in words', async () => {
  assert.equal((await fetch(`${fixture.relay.admin}/pushes/msg_none`)).status, 404)
  const html = await (await fetch(`${fixture.relay.admin}/pushes/msg_none`)).text()
  assert.match(html, /No push of this id/)
})

test('a dead letter is redriven: a wrong token does nothing, the right one does it, and neither stays anywhere', async () => {
  const id = await dead(4)
  fixture.ghes.land(numberedPush(4, 1000))
  fixture.catalog.knowLocation(locationOf(numberedPush(4, 1000)))
  await visit('/', async page => {
    const sent: string[] = []
    page.on('request', request => sent.push(request.url()))
    const redrive = page.locator(`#redrive-${id}`)
    await redrive.click()
    await page.getByLabel('The token of secrets.admin').fill('wrong')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('#pulse', { hasText: 'not the one of secrets.admin' }).waitFor()
    await redrive.click()
    assert.equal(await page.getByLabel('The token of secrets.admin').inputValue(), '', 'the wrong one is forgotten')
    await assertAccessible(page)
    await page.getByLabel('The token of secrets.admin').fill(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.locator('#pulse', { hasText: 'Redriven: 1.' }).waitFor()
    await step(id, 'forwarded')
    await main(page).getByRole('heading', { name: 'Dead letters' }).waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('sessionStorage.length + localStorage.length'), 0)
    assert.ok(sent.every(url => !url.includes(ADMIN_TOKEN)))
    await page.getByRole('button', { name: 'Reconcile now' }).waitFor({ state: 'detached' })
  })
})

test('a test push, with the admin token: to its own page, where it says that all of it works', async () => {
  await visit('/', async page => {
    await page.getByRole('button', { name: 'Send a test push' }).click()
    await page.getByLabel('The token of secrets.admin').fill(ADMIN_TOKEN)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.waitForURL('**/pushes/msg_*')
    await main(page).getByText('A test that has gone the whole way').waitFor()
    await assertAccessible(page)
  })
})

test('without JavaScript everything is there, and the commands instead of the buttons', async () => {
  await dead(5)
  await visit(
    '/',
    async page => {
      await main(page).getByText('acme/svc-5').first().waitFor()
      assert.match(
        (await main(page).textContent()) ?? '',
        /curl -X POST -H "Authorization: Bearer \$\(cat admin\.token\)" ADMIN\/v1\/pushes\/msg_/,
      )
      assert.equal(await page.locator('button[data-post]:visible').count(), 0)
    },
    { javaScriptEnabled: false },
  )
})

test('hostile texts are shown as texts, and cannot pass for others', async () => {
  const long = 'n'.repeat(200)
  await pushed(6, {
    pusher: '<script>document.title = "taken"</script>',
    bypass: `"><img src=x onerror="document.title = 'taken'"> \u202egnp.exe\u202c &lt;b&gt; ${long}`,
    files: [{ path: `<b>${long}</b>/'"catalog-info.yaml`, change: 'modified' }],
  })
  const id = messageId(numberedPush(6, 1000))
  for (const path of [
    '/',
    `/pushes/${id}`,
    `/?repository=${encodeURIComponent('"><script>document.title="taken"</script>')}`,
    `/pushes/${encodeURIComponent('<script>x</script>')}`,
    `/repositories/a/${encodeURIComponent('<script>x</script>')}`,
  ]) {
    await visit(path, async page => {
      assert.doesNotMatch(await page.title(), /taken/)
      assert.equal(await page.locator('main script, main img, main b').count(), 0)
      const text = (await main(page).textContent()) ?? ''
      assert.doesNotMatch(text, /\u202e/)
      if (path === '/' || path.includes(id)) assert.ok(text.includes('<script>document.ti'), text)
    }).catch((error: Error) => {
      if (!/status of 404/.test(error.message)) throw error // the console's word on the page that is not there
    })
  }
})

test('what the catalog does not know has its figure, its list and its own word, with the way out', async () => {
  const id = await pushed(9, { files: [{ path: 'unheard-of.yaml', change: 'modified' }] })
  await visit('/', async page => {
    await main(page).getByRole('heading', { name: 'Unknown to the catalog' }).waitFor()
    await main(page).locator('section.unknown').getByText('acme/svc-9').waitFor()
    assert.match((await main(page).locator('section.unknown').textContent()) ?? '', /Register its Location/)
    await page.getByRole('link', { name: 'All of them' }).click()
    await main(page).locator('.badge.lost').first().waitFor()
  })
  await visit(`/pushes/${id}`, async page => {
    assert.match((await main(page).locator('.lead').textContent()) ?? '', /knows neither its file nor an entity/)
    await page.getByRole('button', { name: 'Redrive' }).waitFor()
  })
})

test('the owner of a repository sees what would be refused today, and what has been pushed since', async () => {
  const path = '<b>svc</b>/catalog-info.yaml'
  const problem = (severity: string, line: number) => ({
    ...{
      code: 'name-format',
      severity,
      path,
      line,
      message: 'metadata.name: "Pay ments" is no name',
      hint: 'try "pay-ments"',
    },
    source: `https://ghe.example.com/acme/svc-10/blob/main/catalog-info.yaml#L${line}`,
  })
  const repositories = [
    {
      ...{ repository: 'acme/svc-10', branch: 'main', verdict: 'refused', files: [{ path, errors: 1, warnings: 1 }] },
      ...{ problems: [problem('warning', 2), problem('error', 4)], notes: [{ path, text: 'is followed no further' }] },
    },
  ]
  writeFileSync(survey, JSON.stringify({ at: '2026-01-28T06:00:00.000Z', repositories }))
  const id = await pushed(10, { verdict: { errors: 1, warnings: 0, first: 'catalog-info.yaml:4:9: name' } })
  const shows = async (page: Page) => {
    const today = main(page).locator('section', { hasText: 'What would be refused' })
    await today.getByText('The next push of a catalog file to main would be refused').waitFor()
    assert.deepEqual(await today.locator('.badge').allTextContents(), ['error', 'warning'])
    await today.getByRole('link', { name: `${path}:4` }).waitFor()
    await today.getByText('The hook has found 1 error: catalog-info.yaml:4:9: name.').waitFor()
    await assertAccessible(page)
  }
  await visit(`/pushes/${id}`, async page => {
    await main(page).getByText('The hook has found 1 error').waitFor()
    await main(page).getByRole('link', { name: 'acme/svc-10' }).click()
    await page.waitForURL('**/repositories/acme/svc-10')
    await shows(page)
  })
  const phone = { viewport: { width: 375, height: 800 }, colorScheme: 'dark' as const }
  await visit(
    '/repositories/ACME/svc-10',
    async page => {
      await shows(page)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 375)
      if (process.env['PICTURES'])
        await page.screenshot({ path: join(process.env['PICTURES'], 'repository.png'), fullPage: true })
    },
    phone,
  )
  await visit('/repositories/acme/svc-2', page => main(page).getByText('does not have this repository').waitFor())
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`in the ${colorScheme}, with trouble in it: WCAG AA, and no scrolling to the side on a phone`, async () => {
    await dead(colorScheme === 'light' ? 7 : 8)
    await visit('/', assertAccessible, { colorScheme })
    const phone = { viewport: { width: 375, height: 800 }, colorScheme }
    await visit(
      '/',
      async page => {
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 375)
        await assertAccessible(page)
      },
      phone,
    )
    await visit(
      `/pushes/${messageId(numberedPush(6, 1000))}`,
      async page => assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 375),
      phone,
    )
  })
}

test('Backstage away: its light says so with the reason, and that pushes wait', async () => {
  await fixture.catalog.stop()
  for (let n = 20; n < 26; n++) await report(fixture.relay.listen, numberedPush(n, 1000), `delivery-${n}`)
  await fixture.relay.logged(line => /calls to Backstage are paused/.test(line.msg))
  await visit('/', async page => {
    const light = page.locator('.light', { hasText: 'Backstage' })
    await light.getByText('Pushes wait meanwhile; none is lost.').waitFor()
    assert.match((await light.textContent()) ?? '', /(paused|is tried).*ECONNREFUSED/s)
  })
})
