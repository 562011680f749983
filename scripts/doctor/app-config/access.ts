// Tokens of the backend's own (externalAccess): what each of them may do.
import { isMap } from '../../../schemas/unknown.ts'
import { isOpen } from '../../backstage/app-config.ts'
import { type Finding, ok, warning, wrong } from '../finding.ts'
import { type Inspected, isPlain, listIn, mapsIn, placeOf, textAt } from './inspected.ts'

const CHECK = 'externalAccess'
/** What a relay can be in need of (catalog-gate backstage config says which, and why). */
const OF_A_RELAY = [
  ...['catalog.entity.refresh', 'catalog.entity.read', 'catalog.entity.validate'],
  ...['catalog.location.read', 'catalog.location.create', 'catalog.location.delete'],
]
const WAY_OUT =
  'accessRestrictions: [{ plugin: catalog, permission: [catalog.entity.refresh] }], with permission.enabled: true; catalog-gate backstage config --relay relay.yaml prints what yours needs'

export function checkAccess(inspected: Inspected): Finding[] {
  const { config } = inspected
  const access = listIn(config.decided('backend', 'auth', 'externalAccess')?.value).filter(isMap)
  const place = placeOf(inspected, 'backend', 'auth', 'externalAccess')
  const findings = [
    ...policyOff(inspected),
    ...access.flatMap((one, index) => tokenFindings(inspected, one, `${place}[${index}]${nameOf(one)}`)),
  ]
  return findings.length > 0 || access.length === 0
    ? findings
    : [ok(CHECK, `each of ${access.length} is restricted to what it is for`)]
}

function policyOff(inspected: Inspected): Finding[] {
  const keys = ['backend', 'auth', 'dangerouslyDisableDefaultAuthPolicy']
  if (inspected.config.decided(...keys)?.value !== true) return []
  return [
    wrong(
      CHECK,
      `${placeOf(inspected, ...keys)} is true: nobody needs a token, restrictions do nothing; expected false`,
      'take it out',
    ),
  ]
}

function tokenFindings(inspected: Inspected, access: Record<string, unknown>, place: string): Finding[] {
  const options = access['options']
  const plain = ['token', 'secret'].filter(key => isPlain(isMap(options) ? options[key] : undefined))
  return [
    ...plain.map(key =>
      warning(
        CHECK,
        `${place}: its ${key} is there in plain text; expected a variable`,
        `"\${CATALOG_GATE_TOKEN}" or so, and a new one where others can read the file`,
      ),
    ),
    ...restrictionFindings(inspected, access, place),
  ]
}

function restrictionFindings(inspected: Inspected, access: Record<string, unknown>, place: string): Finding[] {
  const restrictions = mapsIn(listIn(access['accessRestrictions']))
  if (isOpen(access['accessRestrictions'])) return []
  if (restrictions.length === 0)
    return [
      warning(
        CHECK,
        `${place} has no accessRestrictions: whoever has it may do everything, in every plugin; expected those that it is for`,
        WAY_OUT,
      ),
    ]
  const permissions = restrictions.flatMap(({ map }) => listIn(map['permission']))
  const isOn = inspected.config.decided('permission', 'enabled')?.value
  if (permissions.length > 0 && isOn !== true && !isOpen(isOn))
    return [
      wrong(
        CHECK,
        `${place} is restricted to permissions, and permission.enabled is not true: the restriction has no effect`,
        'permission: { enabled: true }',
      ),
    ]
  return isOfRelay(access, permissions) ? relayFindings(restrictions, permissions, place) : []
}

const isOfRelay = (access: Record<string, unknown>, permissions: readonly unknown[]) =>
  permissions.includes('catalog.entity.refresh') ||
  /catalog-?gate|relay/i.test(textAt(access['options'], 'subject') ?? '')

function relayFindings(
  restrictions: { map: Record<string, unknown> }[],
  permissions: readonly unknown[],
  place: string,
): Finding[] {
  const whole = restrictions.filter(({ map }) => listIn(map['permission']).length === 0 && !map['permissionAttribute'])
  const plugins = whole.map(({ map }) => String(map['plugin']))
  const more = permissions.filter(one => typeof one === 'string' && !isOpen(one) && !OF_A_RELAY.includes(one))
  const tooMuch = [...plugins.map(plugin => `everything in ${plugin}`), ...more]
  if (tooMuch.length === 0) return []
  return [warning(CHECK, `${place} may do more than a relay needs: ${tooMuch.join(', ')}`, WAY_OUT)]
}

/** The subject is its name in the audit log, no secret. */
function nameOf(access: Record<string, unknown>): string {
  const subject = textAt(access['options'], 'subject')
  return subject === undefined ? '' : ` (${subject})`
}
