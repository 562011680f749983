// A value that is not known here: what a placeholder of the site's own stands for, say. Nothing at it or below it is judged.
import { keysOfPointer } from '../../schemas/json-pointer.ts'
import type { SchemaError } from '../../schemas/profile.ts'

class Unknown {}

/** Takes the place of such a value in the judged entity. Who does not know it sees a map without keys, in which nothing is wrong. */
export const UNKNOWN: object = Object.freeze(new Unknown())

export const isUnknown = (value: unknown): boolean => value === UNKNOWN

/** Whether it is unknown, or something below it. */
function hasUnknown(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isUnknown(value) || Object.values(value).some(hasUnknown)
}

/** Keywords that look at more than their own place: what is unknown below it may be what they miss. */
const LOOK_BELOW = ['oneOf', 'anyOf', 'not', 'if', 'contains', 'const', 'enum', 'uniqueItems', 'propertyNames']

/** A schema's errors without those that an unknown value may be the cause of. */
export function sureErrors(errors: readonly SchemaError[], entity: unknown): readonly SchemaError[] {
  if (!hasUnknown(entity)) return errors
  const sure = errors.filter(error => !isUnsure(error, entity))
  const choices = errors.filter(error => !sure.includes(error)).map(({ schemaPath }) => `${schemaPath}/`)
  // What the branches of a choice complain of is a part of the choice.
  return sure.filter(({ schemaPath }) => !choices.some(choice => schemaPath.startsWith(choice)))
}

function isUnsure({ instancePath, keyword, schemaPath }: SchemaError, entity: unknown): boolean {
  let at: unknown = entity
  for (const key of keysOfPointer(instancePath)) {
    if (isUnknown(at)) return true
    at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
  }
  // Which branch of a condition holds, the unknown value may decide, wherever it stands.
  return isUnknown(at) || (LOOK_BELOW.includes(keyword) && hasUnknown(at)) || /\/(?:then|else)\//.test(schemaPath)
}
