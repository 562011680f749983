// Asks the live catalog, by the relay, while a push is checked. Silent when it is not answered: it is a help, and holds up nothing.
import type { LookupAnswer, LookupRequest } from '../../schemas/lookup.ts'
import type { Budget, Checker } from '../catalog/check-files.ts'
import type { CheckedFile, Rules } from '../catalog/file.ts'
import { LOOKUP_CODES, questionOf, readAnswer, withAnswer } from '../catalog/lookup.ts'
import type { Deadline } from '../config/deadline.ts'
import type { HookConfig } from '../config/hook-config.ts'
import type { Connection } from '../notify/connection.ts'
import { newMessageId } from '../notify/signing.ts'
import type { CheckedRef } from './check-lot.ts'
import type { JudgedRef } from './check-refs.ts'

/** So many branches of a push are asked about, those first that can refuse it. */
const REFS = 4

type LookupEdges = {
  connection: Connection | string | undefined
  relay: HookConfig['relay']
  rules: Rules
  checker: Checker
  budget: Budget
  deadline: Deadline
}

export type Lookup = {
  /** The refs with what the catalog says of them. */
  look: (refs: readonly JudgedRef[]) => Promise<JudgedRef[]>
  /** Once the connection is free for other messages. */
  done: Promise<unknown>
}

export function startLookup(checked: readonly CheckedRef[], edges: LookupEdges): Lookup {
  const { rules, checker, budget, deadline } = edges
  const answers = askAbout(checked, edges)
  return {
    done: answers,
    async look(refs) {
      const answered = await answers
      if (answered.size === 0 || deadline.isOver()) return [...refs]
      const trees = new Map(checked.map(({ plan, tree }) => [plan, tree]))
      const looked: JudgedRef[] = []
      // A fault of ours in it must not cost the verdict, which is made of what was found before.
      const filesOf = (...given: Parameters<typeof withAnswer>) => withAnswer(...given).catch(() => given[0])
      for (const ref of refs) {
        const [answer, tree] = [answered.get(ref.plan.pushed.ref), trees.get(ref.plan)]
        const files =
          answer === undefined || tree === undefined
            ? ref.files
            : await filesOf(ref.files, isNewIn(ref), answer, { rules, tree, checker, budget })
        looked.push({ ...ref, files })
      }
      return looked
    },
  }
}

/** Answers by ref. */
async function askAbout(
  checked: readonly CheckedRef[],
  { connection, relay, rules, deadline }: LookupEdges,
): Promise<ReadonlyMap<string, LookupAnswer>> {
  const { lookupMs = 0, waitMs = 0 } = relay ?? {}
  const { fullName: repository } = rules.repository
  const isOff = LOOKUP_CODES.every(code => rules.severities[code] === 'off')
  if (typeof connection !== 'object' || lookupMs === 0 || isOff || repository === undefined || deadline.isOver())
    return new Map()
  const questions = checked
    .filter(({ plan }) => plan.mode !== 'off')
    .flatMap((one): LookupRequest[] => {
      const question = questionOf(one.files, isNewIn(one), rules)
      return question === undefined ? [] : [{ version: 1, repository, ref: one.plan.pushed.ref, ...question }]
    })
    .slice(0, REFS)
  if (questions.length === 0) return new Map()
  const mostMs = Math.min(lookupMs, deadline.leftMs())
  const messages = questions.map(question => ({ id: newMessageId(), body: Buffer.from(JSON.stringify(question)) }))
  const answers = await connection.ask(messages, { connectMs: Math.min(waitMs, mostMs), answersMs: mostMs })
  if (answers.length !== questions.length) return new Map()
  return new Map(
    questions.flatMap(({ ref }, i) => {
      const answer = readAnswer(answers[i] ?? '')
      return answer === undefined ? [] : [[ref, answer] as const]
    }),
  )
}

/** What this push brings. What it only reaches through a Location is somebody else's. */
function isNewIn({ plan }: Pick<JudgedRef, 'plan'>): (file: CheckedFile) => boolean {
  const changed = new Set(plan.pushed.changes.map(({ path }) => path))
  return ({ path }) => changed.has(path)
}
