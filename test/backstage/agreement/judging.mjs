// A module inside the backend under test: it is told which files to judge, and says what became of each entity when the catalog is through.
//
//   PUT /api/catalog/agreement/files {targets: [url, …]}   these Locations and no others, as an entity provider
//   GET /api/catalog/agreement/state                       {unprocessed, unstitched, due, rows}: what waits, and how many of it nobody has begun with;
//                                                          the rows when there are none of these
//
// A rejected entity leaves no trace in the catalog's own API; here it is a row with its errors.
import { coreServices, createBackendModule } from '@backstage/backend-plugin-api'
import { catalogProcessingExtensionPoint, locationSpecToLocationEntity } from '@backstage/plugin-catalog-node'

const NAME = 'agreement'

// biome-ignore lint/style/noDefaultExport: the form that a backend takes
export default createBackendModule({
  pluginId: 'catalog',
  moduleId: NAME,
  register(env) {
    env.registerInit({
      deps: {
        catalog: catalogProcessingExtensionPoint,
        database: coreServices.database,
        httpRouter: coreServices.httpRouter,
      },
      async init({ catalog, database, httpRouter }) {
        let connection
        catalog.addEntityProvider({
          getProviderName: () => NAME,
          connect: async given => {
            connection = given
          },
        })
        httpRouter.addAuthPolicy({ path: `/${NAME}`, allow: 'unauthenticated' })
        httpRouter.use(async (request, response, next) => {
          const asked = `${request.method} ${request.path}`
          if (asked === `PUT /${NAME}/files`) {
            // An entity that could not be stitched would hold the next one of its name back for a minute.
            await (await database.getClient())('stitch_queue').delete()
            await register(connection, await bodyOf(request))
            response.json({})
          } else if (asked === `GET /${NAME}/state`) response.json(await state(await database.getClient()))
          else next()
        })
        answerForOthers()
      },
    })
  },
})

async function register(connection, { targets }) {
  const entities = targets.map(target => ({
    entity: locationSpecToLocationEntity({ location: { type: 'url', target } }),
    locationKey: `url:${target}`,
  }))
  await connection.applyMutation({ type: 'full', entities })
}

async function state(knex) {
  const unprocessed = await knex('refresh_state').where(isUnprocessed).pluck('entity_ref')
  const unstitched = await knex('stitch_queue').where('failure_count', 0).pluck('entity_ref')
  const [{ due }] = await knex('refresh_state')
    .where(isUnprocessed)
    .where('next_update_at', '<=', knex.fn.now())
    .count({ due: '*' })
  const rows = await knex('refresh_state')
    .leftOuterJoin('final_entities', 'final_entities.entity_id', 'refresh_state.entity_id')
    .select('refresh_state.entity_ref', 'unprocessed_entity', 'errors', 'final_entity')
    .where(query => (unprocessed.length + unstitched.length > 0 && due > 0 ? query.whereRaw('1 = 0') : query))
  return { unprocessed, unstitched, due, rows: rows.map(rowOf) }
}

const isUnprocessed = query => query.whereNull('result_hash').orWhere('result_hash', '')

function rowOf({ entity_ref, unprocessed_entity, errors, final_entity }) {
  const { annotations = {} } = JSON.parse(unprocessed_entity).metadata
  const final = final_entity ? JSON.parse(final_entity) : undefined
  return {
    ref: entity_ref,
    location: annotations['backstage.io/managed-by-location'],
    origin: annotations['backstage.io/managed-by-origin-location'],
    errors: (errors ? JSON.parse(errors) : []).map(({ message }) => message),
    isThere: final !== undefined,
    ...(final?.spec?.owner === undefined ? {} : { owner: final.spec.owner }),
  }
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

/** Whatever a host outside holds, there is "{}" in it: which of them may be read, backend.reading.allow says. Nothing goes out. */
function answerForOthers() {
  const { fetch } = globalThis
  globalThis.fetch = async (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input)
    return hostname === '127.0.0.1' ? fetch(input, init) : new Response('{}')
  }
}
