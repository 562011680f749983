// The way in for webhooks: without a secret it takes what anybody sends.
import { isMap } from '../../../schemas/unknown.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import { type Inspected, isInstalled, isPlain, listIn, mapsIn, placeOf, textAt } from './inspected.ts'

const CHECK = 'events route'
const MODULE = '@backstage/plugin-events-backend-module-github'

export function checkEvents(inspected: Inspected): Finding[] {
  const { config } = inspected
  const topics = listIn(config.decided('events', 'http', 'topics')?.value).filter(topic => typeof topic === 'string')
  const others = topics.filter(topic => topic !== 'github')
  const place = placeOf(inspected, 'events', 'http', 'topics')
  return [
    ...(topics.includes('github') ? [github(inspected, place)] : []),
    ...others.map(topic =>
      warning(
        CHECK,
        `${place} has ${topic}: whether its signatures are checked is for that plugin's module, and was not looked at`,
        `take ${topic} out where nobody listens; else set the secret of its module under events.modules`,
      ),
    ),
    ...(topics.length === 0 ? [ok(CHECK, 'no topic is open to the outside')] : []),
  ]
}

function github(inspected: Inspected, place: string): Finding {
  const { config } = inspected
  const secret = config.decided('events', 'modules', 'github', 'webhookSecret')
  const integrations = listIn(config.decided('integrations', 'github')?.value).filter(isMap)
  const ofApps = integrations.flatMap(one => mapsIn(one['apps'])).filter(({ map }) => textAt(map, 'webhookSecret'))
  const hasSecret = (typeof secret?.value === 'string' && secret.value !== '') || ofApps.length > 0
  if (!hasSecret)
    return wrong(
      CHECK,
      `${place} has github, and there is no secret: it takes unsigned events from anybody who reaches the backend; expected events.modules.github.webhookSecret`,
      `set events: { modules: { github: { webhookSecret: "\${GITHUB_WEBHOOK_SECRET}" } } }, the same at GHES's webhook, and install ${MODULE}; or topics: [], since the relay hears of pushes itself`,
    )
  if (isInstalled(inspected, MODULE) === false)
    return wrong(
      CHECK,
      `${place} has github, and ${MODULE}, which checks signatures, is not installed: the secret is there, and nobody looks at it`,
      `npm install ${MODULE}, and backend.add(import('${MODULE}')) in the backend's index.ts; or topics: []`,
    )
  if (isPlain(secret?.value))
    return warning(
      CHECK,
      `${secret?.path}: events.modules.github.webhookSecret is there in plain text; expected a variable`,
      `"\${GITHUB_WEBHOOK_SECRET}", and a new secret at GHES where others can read the file`,
    )
  return ok(CHECK, 'events of GitHub are taken with a signature only')
}
