// The reports of survey and migrate, as files in a real Chromium: light, dark and on a phone, with trouble and hostile names in them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { MemoryGhes } from '../scripts/migrate/memory-ghes.ts'
import { addKinds, MigrateFixture } from '../scripts/migrate/migrate-fixture.ts'
import { SurveyFixture } from '../scripts/survey-fixture.ts'
import { assertAccessible, startChromium } from '../support/chromium.ts'

const LONG = 'n'.repeat(90)
const [DESK, PHONE] = [
  { width: 1200, height: 900 },
  { width: 375, height: 800 },
]

suite('reports in a browser', () => {
  const ghes = new MemoryGhes()
  const surveyed = new SurveyFixture()
  let migrated: MigrateFixture
  let browser: Browser

  before(async () => {
    addKinds(ghes)
    ghes.add(`acme/${LONG}`, { files: { 'catalog-info.yaml': `kind: ${LONG}${LONG}\n` }, description: LONG })
    await ghes.stand.start()
    migrated = new MigrateFixture(ghes.stand.url)
    await migrated.run({ apply: true })
    ghes.merge('acme/team')
    ghes.close('acme/web')
    ghes.stand.failNext(
      'teams',
      { status: 200, body: { data: null, errors: [{ type: 'INSUFFICIENT_SCOPES', message: 'No.' }] } },
      1,
    )
    await migrated.run({ html: 'report.html', fix: true })
    await surveyed.run(`${ghes.stand.url}/api/v3`, { org: ['acme', 'gone'], html: 'report.html' })
    browser = await startChromium()
  })
  after(async () => {
    await browser?.close()
    migrated?.remove()
    surveyed.remove()
    await ghes.stand.stop()
  })

  const addressOf = (name: 'survey' | 'migrate') =>
    pathToFileURL((name === 'survey' ? surveyed : migrated).file('report.html')).href

  /** With everything unfolded; fails for each word on the console, and whatever is fetched. */
  async function look(
    name: 'survey' | 'migrate',
    scheme: 'light' | 'dark',
    viewport: { width: number; height: number },
  ) {
    const page = await browser.newPage({ viewport, colorScheme: scheme })
    const faults: string[] = []
    page.on('console', message => faults.push(message.text()))
    page.on('pageerror', error => faults.push(String(error)))
    const file = addressOf(name)
    page.on('request', request => {
      if (request.url() !== file) faults.push(`asked ${request.url()}`)
    })
    await page.goto(file)
    if (process.env['PICTURES'])
      await page.screenshot({ path: picture(name, scheme, viewport.width, ''), fullPage: true })
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    if (process.env['PICTURES'])
      await page.screenshot({ path: picture(name, scheme, viewport.width, '-open'), fullPage: true })
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), viewport.width)
    await assertAccessible(page)
    assert.deepEqual(faults, [])
    return page
  }
  const picture = (...[name, scheme, width, more]: [string, string, number, string]) =>
    join(process.env['PICTURES'] ?? '', `${name}-${scheme}-${width}${more}.png`)

  for (const name of ['survey', 'migrate'] as const) {
    for (const scheme of ['light', 'dark'] as const)
      test(`${name} on a phone, ${scheme}: WCAG AA, and no scrolling to the side`, async () => {
        await (await look(name, scheme, PHONE)).close()
      })

    test(`${name} on a desk: the same, filtered by words and by verdict, and ordered`, async () => {
      const page = await look(name, 'light', DESK)
      const shown = () => page.locator('table.repositories > tbody > tr:visible').count()
      const all = await shown()
      await page.getByLabel('Filter').fill('acme/opted-out')
      assert.equal(await shown(), 1)
      await page.getByLabel('Filter').fill('')
      await page.locator('select').selectOption({ index: 1 })
      const some = await shown()
      assert.ok(some > 0 && some < all, `${some} of ${all}`)
      await page.locator('select').selectOption('')
      const byName = page.getByRole('button', { name: 'Repository' })
      await byName.click()
      assert.match((await page.locator('td.repository').first().textContent()) ?? '', /^acme\/archived/)
      await byName.click()
      assert.match((await page.locator('td.repository').first().textContent()) ?? '', /^acme\/web/)
      assert.equal(await page.locator('[aria-sort=descending]').count(), 1)
      await page.close()
    })
  }

  test('a row says it of one repository', async () => {
    const page = await browser.newPage({ viewport: DESK })
    await page.goto(addressOf('migrate'))
    const badge = (repository: string) => page.locator('tr', { hasText: repository }).locator('.badge').first()
    assert.equal(await badge('acme/payments').textContent(), 'gets a catalog file')
    assert.equal(await badge('acme/declared').textContent(), 'has one that is right')
    assert.match((await page.locator('ul.counts').textContent()) ?? '', /\d+ get a catalog file.*1 has one in a place/s)
    await page.close()
  })
})
