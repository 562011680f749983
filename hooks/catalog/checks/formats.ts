// The formats of names as Backstage checks them (FieldFormatEntityPolicy in @backstage/catalog-model 1.10.3), and the nearest text that would pass.

import { hiddenName, withoutHidden } from '../../diagnostics/hidden.ts'
import { quoted } from '../../diagnostics/wording.ts'

const MAX = 63
const objectName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const dnsLabel = /^[a-z0-9]+(?:-+[a-z0-9]+)*$/
const tag = /^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$/

const fits = (value: string, shape: RegExp) => value.length >= 1 && value.length <= MAX && shape.test(value)

export const isName = (value: string) => fits(value, objectName)
export const isNamespace = (value: string) => fits(value, dnsLabel)
export const isKind = (value: string) => fits(value, /^[a-zA-Z][a-z0-9A-Z]*$/)
export const isTag = (value: string) => fits(value, tag)
export const isLabelValue = (value: string) => value === '' || isName(value)
const isDnsSubdomain = (value: string) =>
  value.length >= 1 && value.length <= 253 && value.split('.').every(isNamespace)
const isPrefixed = (value: string, isSuffix: (suffix: string) => boolean) => {
  const [first = '', second, ...more] = value.split('/')
  if (second === undefined) return isSuffix(first)
  return more.length === 0 && isDnsSubdomain(first) && isSuffix(second)
}
export const isApiVersion = (value: string) => isPrefixed(value, suffix => fits(suffix, /^[a-z0-9A-Z]+$/))
export const isKey = (value: string) => isPrefixed(value, isName)

export const isUrl = (value: string) => URL.canParse(value)

/** What exactly is wrong with a name: too long, or the first character that is not allowed, or its ends. */
export function wrongInName(value: string, allowed: RegExp = /[-A-Za-z0-9_.]/): string {
  if (value === '') return 'is empty'
  const bad = [...value].find(c => !allowed.test(c))
  if (bad !== undefined) return `contains ${characterName(bad)}`
  if (value.length > MAX) return `has ${value.length} characters`
  if (/^[^A-Za-z0-9]/.test(value)) return `begins with "${value[0]}"`
  if (/[^A-Za-z0-9]$/.test(value)) return `ends with "${value.at(-1)}"`
  return 'is malformed'
}

function characterName(c: string): string {
  if (c === ' ') return 'a space'
  if (c === '\t') return 'a tab'
  if (c === '\n') return 'a line break'
  if (/[A-Z]/.test(c)) return 'an upper-case letter'
  const isLikeLatin = /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(c)
  return (
    hiddenName(c) ??
    `${quoted(c)}${isLikeLatin ? ` (U+${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}, no Latin letter)` : ''}`
  )
}

/** Letters that are not a plain letter with a mark. */
const PLAIN: Record<string, string> = Object.fromEntries(
  'ß=ss ẞ=SS æ=ae Æ=AE œ=oe Œ=OE ø=o Ø=O ł=l Ł=L đ=d Đ=D ð=d Ð=D þ=th Þ=Th ħ=h Ħ=H ı=i ĸ=k ŋ=n ŧ=t'
    .split(' ')
    .map(pair => pair.split('=')),
)

/** Left to be filled in, as `<your-service>`, `${NAME}`, `%NAME%` or TODO. */
export const isToFillIn = (value: string) =>
  /<[^<>]*>|\$\{?\w|%\w+%|^__\w+__$|@@\w+@@|^(?:your[-_ ].*|todo|tbd|fixme|(?:change|replace)[-_ ]?me)$/i.test(value)

/** In plain letters; undefined where that would leave letters out, or is a blank to be filled in. */
function inPlainLetters(value: string): string | undefined {
  const plain = withoutHidden(value)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{ASCII}]/gu, c => PLAIN[c] ?? c)
  return isToFillIn(value) ||
    value.includes('\ufffd') ||
    /[^\p{ASCII}]/u.test(plain.replace(/[^\p{L}\p{N}\p{ASCII}]/gu, ''))
    ? undefined
    : plain
}

/** The nearest valid name: accents dropped, other characters joined by "-". Undefined when nothing is left, or a letter would be. */
export function proposeName(value: string): string | undefined {
  return tidy(inPlainLetters(value)?.replace(/[^A-Za-z0-9_.-]+/g, '-'), isName)
}

/** The nearest valid key of a label or annotation: the prefix as a DNS name, what follows as a name. */
export function proposeKey(written: string): string | undefined {
  const key = written.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  const slash = key.indexOf('/')
  const name = proposeName(key.slice(slash + 1))
  const prefix =
    slash === -1
      ? ''
      : key
          .slice(0, slash)
          .toLowerCase()
          .replace(/[^a-z0-9.-]+/g, '-')
  const proposed = name === undefined ? undefined : `${slash === -1 ? '' : `${prefix}/`}${name}`
  return proposed !== undefined && isKey(proposed) ? proposed : undefined
}

export function proposeNamespace(value: string): string | undefined {
  return tidy(
    inPlainLetters(value)
      ?.toLowerCase()
      .replace(/[^a-z0-9]+/g, '-'),
    isNamespace,
  )
}

export function proposeTag(value: string): string | undefined {
  return tidy(
    inPlainLetters(value)
      ?.toLowerCase()
      .replace(/[^a-z0-9:+#]+/g, '-'),
    isTag,
  )
}

function tidy(value: string | undefined, isValid: (text: string) => boolean): string | undefined {
  const ended = value
    ?.replace(/^[^A-Za-z0-9:+#]+/, '')
    .slice(0, MAX)
    .replace(/[^A-Za-z0-9:+#]+$/, '')
  return ended !== undefined && isValid(ended) ? ended : undefined
}
