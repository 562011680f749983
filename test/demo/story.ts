// What the demo does and says, step by step.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recorded } from '../support/stand-in.ts'
import type { PushResult } from '../support/working-copy.ts'
import { catalogFile, type DemoFixture, type DemoRepository } from './demo-fixture.ts'

const say = (text = '') => console.log(text)
const quote = (text: string) => say(text.trimEnd().replace(/ +$/gm, '').replaceAll(/^/gm, '  | '))
const step = (number: number, title: string) => say(`\n${number}. ${title}\n`)

export async function tellStory(fixture: DemoFixture): Promise<void> {
  const [payments, ...others] = fixture.repositories
  if (!payments) throw new Error('there is no repository')
  introduce(fixture)
  step(1, 'A catalog-info.yaml that Backstage would reject is pushed to acme/payments')
  await refused(fixture, payments)
  step(2, 'The same, put right')
  await accepted(fixture, payments)
  step(3, `One change in each of ${others.length} more repositories, pushed at the same time`)
  await several(fixture, others)
}

function introduce({ directory, ghes, catalog, installation }: DemoFixture): void {
  const { calls, isReal } = catalog
  say('catalog-gate: the whole way of a push\n')
  say(`  folder        ${directory}`)
  say('  repositories  bare git repositories with the built hook as pre-receive; real pushes')
  say(`  GHES API      ${ghes.apiBaseUrl}   a stand-in; reads those repositories, 20 ms latency`)
  say(`  relay         ${installation.relayUrl}          the built one, a process of its own, SQLite`)
  if (isReal) say(`  catalog       ${calls.url}          a real Backstage backend, calls recorded on their way`)
  else say(`  catalog       ${calls.url}          a STAND-IN, not Backstage: it only records refresh calls`)
}

async function refused(fixture: DemoFixture, repository: DemoRepository): Promise<void> {
  const before = await repository.bare.ref('main')
  const text = catalogFile('payments api', 'payments 2').replace('  owner: team-a\n', '')
  await repository.copy.write('catalog-info.yaml', text)
  await repository.copy.commit('Describe it better')
  say('  $ cat catalog-info.yaml')
  quote(await readFile(join(repository.copy.directory, 'catalog-info.yaml'), 'utf8'))
  const push = await pushed(repository)
  if (push.exitCode === 0) throw new Error('the bad file was accepted')
  const after = await repository.bare.ref('main')
  if (after !== before) throw new Error(`main moved from ${before} to ${after} although the push was refused`)
  say(
    `  Refused (git ended with ${push.exitCode}). main did not move; refresh calls so far: ${fixture.catalog.calls.count('refresh')}.`,
  )
}

async function accepted(fixture: DemoFixture, repository: DemoRepository): Promise<void> {
  await repository.copy.write('catalog-info.yaml', catalogFile('payments', 'payments 2'))
  await repository.copy.commit('Repair the description')
  const arrival = refreshOf(fixture, repository)
  const from = performance.now()
  const push = await pushed(repository)
  mustHaveWorked(push, repository)
  say(await refreshLine(fixture, repository, arrival))
  const visible = await fixture.catalog.showsTitle?.('payments', 'payments 2', from)
  if (visible !== undefined) say(`  The catalog shows the new title ${Math.round(visible)} ms after the push began.`)
}

async function several(fixture: DemoFixture, repositories: DemoRepository[]): Promise<void> {
  const lines = await Promise.all(
    repositories.map(async repository => {
      const name = repository.bare.fullName.replace('acme/', '')
      const title = `${name} 2`
      const arrival = refreshOf(fixture, repository)
      const from = performance.now()
      const push = await repository.copy.change(
        { 'catalog-info.yaml': catalogFile(name, title) },
        { message: 'Change' },
      )
      mustHaveWorked(push, repository)
      const line = await refreshLine(fixture, repository, arrival)
      const visible = await fixture.catalog.showsTitle?.(name, title, from)
      return visible === undefined ? line : `${line}, visible after ${Math.round(visible)} ms`
    }),
  )
  for (const line of lines) say(line)
}

async function pushed(repository: DemoRepository): Promise<PushResult> {
  say('  $ git push origin main')
  const push = await repository.copy.push()
  quote(push.terminal)
  say()
  return push
}

function mustHaveWorked(push: PushResult, { bare }: DemoRepository): void {
  if (push.exitCode !== 0) throw new Error(`the push to ${bare.fullName} was refused:\n${push.terminal}`)
}

/** The next refresh call for this repository's catalog file. To be asked for before the push. */
function refreshOf(fixture: DemoFixture, repository: DemoRepository): Promise<Recorded> {
  const isOurs = ({ body }: Recorded) => body.includes(repository.locationRef) || body.includes(repository.entityRef)
  return fixture.catalog.calls.next('refresh', isOurs)
}

/** A bound on what does not come at all. */
const mostMs = 200_000

async function refreshLine(
  fixture: DemoFixture,
  { bare }: DemoRepository,
  arrival: Promise<Recorded>,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const relay = fixture.installation.relay
    const give = () => {
      reject(new Error(`no refresh call for ${bare.fullName} within ${mostMs} ms; the relay says:\n${relay.output()}`))
    }
    timer = setTimeout(give, mostMs)
  })
  const refresh = await Promise.race([arrival, tooLate]).finally(() => clearTimeout(timer))
  const afterMs = Math.round(refresh.atMs - (await bare.landedAtMs()))
  const { entityRef } = JSON.parse(refresh.body) as { entityRef: string }
  return `  ${bare.fullName.padEnd(14)} refresh call ${String(afterMs).padStart(4)} ms after landing: ${shortened(entityRef)}`
}

const shortened = (ref: string) => ref.replace(/(generated-[0-9a-f]{8})[0-9a-f]+/, '$1…')

/** Stays until the process is interrupted, and prints what arrives. */
export async function tellByHand(fixture: DemoFixture): Promise<never> {
  const [first] = fixture.repositories
  say('\nTry it by hand. Everything stays up until Ctrl-C. In another terminal:\n')
  say(`  git clone ${first?.bare.directory} payments && cd payments`)
  say("  sed -i 's/name: .*/name: payments api/' catalog-info.yaml    # break it")
  say("  git commit -am 'Try' && git push                            # refused, with the reason")
  say("  sed -i 's/name: .*/name: payments/; s/title: .*/title: By hand/' catalog-info.yaml")
  say("  git commit -am 'Repair' && git push                         # accepted")
  say('\n  The other repositories lie beside it. What the relay knows of each push:')
  say(`  curl ${fixture.installation.adminUrl}/v1/pushes\n`)
  say('Refresh calls as they arrive:')
  for (;;) {
    const { body, atMs } = await fixture.catalog.calls.next('refresh')
    const { entityRef } = JSON.parse(body) as { entityRef: string }
    const repository = fixture.repositories.find(one => one.locationRef === entityRef || one.entityRef === entityRef)
    say(`  ${new Date(atMs).toISOString().slice(11, 23)}  ${repository?.bare.fullName ?? ''}  ${shortened(entityRef)}`)
  }
}
