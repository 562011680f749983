// GET /v1/locations?after=CURSOR: the catalog files of the default branches, for our module in Backstage as their provider.
import type { FastifyInstance } from 'fastify'
import { registrationUrl } from '../../schemas/location-url.ts'
import type { LocatedFile, LocationChanges } from '../store/ports/locations.ts'
import type { IntakeOptions, Senders } from './intake-options.ts'
import { addModuleQuestion } from './module-question.ts'

export function addLocationRoute(app: FastifyInstance, options: IntakeOptions, senders: Senders): void {
  addModuleQuestion(
    app,
    { ...options, ...senders },
    {
      path: 'locations',
      look: cursor => options.store.locationsAfter(cursor),
      isNew: ({ isAll, there, gone }) => isAll || there.length + gone.length > 0,
      answer: async (changes, { host, listIsWhole }) => {
        const { isNotEmpty, body } = answerOf(options, host, changes)
        return { complete: isNotEmpty && (await listIsWhole()), ...body }
      },
      onAsked: ({ onProvider }) => onProvider(),
    },
  )
}

function answerOf({ isCatalogFile }: IntakeOptions, host: string, { isAll, cursor, there, gone }: LocationChanges) {
  // What a Location names is held by that Location.
  const located = (files: LocatedFile[]) => files.filter(({ path }) => isCatalogFile(path))
  const added = located(there).map(file => locationOf(host, file))
  return {
    isNotEmpty: added.length > 0 || !isAll,
    body: { cursor, added, removed: located(gone).map(file => locationOf(host, file)) },
  }
}

const locationOf = (host: string, { repository, ref, path }: LocatedFile) =>
  `url:${registrationUrl({ host, repository, branch: ref.replace(/^refs\/heads\//, ''), path })}`
