// Pieces of messages that several codes share: rules for names, the line as it should be, what to add.
import { nearest } from '../../schemas/nearest.ts'
import { printable } from '../../schemas/printable.ts'
import type { Facts, FormatFacts, Words } from './facts.ts'
import { clip, listed, quoted } from './wording.ts'

const NAME_SHAPE = 'letters, digits, "-", "_" or "."'

export function format(
  what: string,
  { found, wrong, expected, proposal, way: other }: FormatFacts,
  otherwise?: string,
): Words {
  const way = proposal === undefined ? (other ?? otherwise) : `try ${quoted(proposal)}`
  return {
    message: `${what} ${quoted(found)} ${wrong}; expected ${expected || NAME_SHAPE}`,
    ...(way ? { hint: way } : {}),
  }
}

/** What a finding quotes of the file, as a terminal may show it. */
export const shown = (text: string) => printable(clip(text, 200))

/** A hint with the line as it should be; a line too long to be read is left out. */
export const write = (way: string, proposal: string | undefined) =>
  proposal === undefined || proposal.length > 90 ? way : `${way}: ${printable(proposal)}`

export const fileName = (target: string) =>
  clip(
    target
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '')
      .split('/')
      .at(-1) || 'openapi.yaml',
    60,
  )

/** Of what is no entity: it may be all of the file. */
export const OTHER_FILE = 'keep it in a file of its own: this one is for catalog entities'

export function hintForKind(
  close: string | undefined,
  meant: Facts['unknown-kind']['meant'],
  ofModel: boolean,
  isForeign: boolean,
): { hint?: string } {
  if (ofModel)
    return {
      hint: `if yours has one (for example module-ai-model), its administrators set "catalog.profile: model" in the gate's configuration`,
    }
  if (meant) {
    const type = meant.type ? `, and in spec "type: ${meant.type}"` : ''
    return { hint: `write "kind: ${meant.kind}"${type}` }
  }
  if (close !== undefined) return { hint: `did you mean ${quoted(close)}?` }
  return isForeign ? { hint: OTHER_FILE } : {}
}

export function addHint(name: string, [example, ...others]: string[]): string {
  if (example === undefined) return `add "${name}:" with its value`
  const more = listed(
    others.slice(0, 3).map(e => clip(e, 40)),
    'or',
  )
  return `add "${name}: ${example}"${more === '' ? '' : `; others use ${more}`}`
}

/** They come with a module of Backstage's own, @backstage/plugin-catalog-backend-module-openapi. */
const OF_OPENAPI_MODULE = ['$openapi', '$asyncapi']

/** They are always there. */
const OF_STRINGS = ['$text'] as const
const OF_MAPS = ['$yaml', '$json'] as const
const fittingFor = (isMap: true | undefined) => (isMap ? OF_MAPS : OF_STRINGS)

/** Of what is no placeholder of Backstage's own: the one that it nearly spells. */
export const meantPlaceholder = (placeholder: string, isMap: true | undefined): string | undefined =>
  OF_OPENAPI_MODULE.includes(placeholder) ? undefined : nearest(placeholder, fittingFor(isMap))[0]

/** What ends like a file, or begins like a path. */
export const LIKE_A_FILE =
  /^(?:\.{0,2}\/|https?:\/\/)|\.(?:ya?ml|json|graphql|gql|proto|wsdl|xsd|xml|raml|avsc|txt|md)$/i

export function unknownPlaceholderWords({
  placeholder,
  target,
  isMap,
  beside,
  where,
}: Facts['placeholder-unknown']): Words {
  if (beside !== undefined)
    return {
      message: `${quoted(placeholder)} is not read here: ${quoted(beside)} is beside other keys in ${where}, and the catalog reads no placeholders there`,
      hint: `remove ${quoted(beside)} from ${where}`,
    }
  const fitting = fittingFor(isMap)
  const asFile = /^[a-z][a-z0-9+.-]*:/i.test(target)
    ? `copy the file into this repository and write ${quoted(`${fitting[0]}: ./${fileName(target)}`)}`
    : `write ${quoted(`${fitting[0]}: ${target}`, 100)}`
  const name = printable(clip(placeholder.slice(1), 40))
  const asSetting = `administrators add ${name} to catalog.placeholders in the gate's configuration`
  if (OF_OPENAPI_MODULE.includes(placeholder))
    return {
      message: `placeholder ${quoted(placeholder)} comes with the openapi module of Backstage, which the gate is told is not installed`,
      hint: `${asFile}, which always works; or, where the module is installed, ${asSetting}`,
    }
  const near = meantPlaceholder(placeholder, isMap)
  return {
    message: `placeholder ${quoted(placeholder)} is not known`,
    hint: near
      ? `did you mean ${quoted(near)}?`
      : LIKE_A_FILE.test(target)
        ? `${asFile}; or, if your Backstage has it, ${asSetting}`
        : `if your Backstage has it, ${asSetting}`,
  }
}
