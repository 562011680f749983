// npm run demo: the whole way of a push, told on a terminal while it happens on real parts.
import { parseArgs } from 'node:util'
import { CleanUp, setUp } from './demo-fixture.ts'
import { tellByHand, tellStory } from './story.ts'

const usage = `usage: npm run demo [-- --keep] [-- --real-backstage]

  Shows the whole way of a push: real git, the built hook, the relay; the GHES API and the
  catalog are stand-ins on loopback. Nothing is written outside a temp folder.

  --keep             stays up at the end, to try it by hand, until Ctrl-C
  --real-backstage   with the real Backstage backend instead of the stand-in for the catalog;
                     installs it into test/backstage when it is not there (about 475 MB)
  --help             this text
`

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/** Returns the exit code, after everything is taken away again. */
export async function demo(args: string[]): Promise<number> {
  const options = readOptions(args)
  if (typeof options === 'number') return options
  const cleanUp = new CleanUp()
  const run: Run = { isKept: false, isInterrupted: false }
  const interrupted = new Promise<number>(resolve => {
    for (const [signal, number] of Object.entries(signals)) {
      process.on(signal, () => {
        run.isInterrupted = true
        // While it is kept, an interrupt is how it is meant to end.
        resolve(run.isKept ? 0 : 128 + number)
      })
    }
  })
  const exitCode = await Promise.race([interrupted, tell(options, cleanUp, run)])
  if (run.isInterrupted) console.log('\nStopping.')
  await cleanUp.run()
  return exitCode
}

type Options = { keep: boolean; realBackstage: boolean }
type Run = { isKept: boolean; isInterrupted: boolean }

async function tell(options: Options, cleanUp: CleanUp, run: Run): Promise<number> {
  const from = performance.now()
  try {
    const fixture = await setUp({ realBackstage: options.realBackstage, say: line => console.log(line) }, cleanUp)
    await tellStory(fixture)
    const seconds = ((performance.now() - from) / 1000).toFixed(1)
    if (options.keep) {
      run.isKept = true
      await tellByHand(fixture)
    }
    console.log(
      `\nDone in ${seconds} s; the processes end and the temp folder goes. To try it by hand: npm run demo -- --keep`,
    )
    return 0
  } catch (error) {
    // The clean-up after an interrupt makes what still runs fail; that is no news then.
    if (!run.isInterrupted) console.error(`\nerror: the demo failed: ${error instanceof Error ? error.message : error}`)
    return 1
  }
}

function readOptions(args: string[]): Options | number {
  try {
    const { values } = parseArgs({
      args,
      options: { keep: { type: 'boolean' }, 'real-backstage': { type: 'boolean' }, help: { type: 'boolean' } },
    })
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    return { keep: values.keep === true, realBackstage: values['real-backstage'] === true }
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}\n\n${usage}`)
    return 2
  }
}
