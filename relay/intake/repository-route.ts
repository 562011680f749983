// GET /v1/repositories?after=CURSOR: what is known of repositories beside their files, for our module in Backstage.
import type { FastifyInstance } from 'fastify'
import type { FactsAnswer } from '../../schemas/repository-facts.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { addModuleQuestion } from './module-question.ts'

export function addRepositoryRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  addModuleQuestion(
    app,
    { ...options, ...senders },
    {
      path: 'repositories',
      look: (cursor, { repositoriesAfter }) => repositoriesAfter(cursor),
      isNew: ({ isNew }) => isNew,
      answer: ({ cursor, version, repositories }, { host }): FactsAnswer => {
        const ghes = { host, ...(version === undefined ? {} : { version }) }
        return { cursor, ghes, repositories }
      },
    },
  )
}
