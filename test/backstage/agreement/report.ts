// Differences for people, by kind.
import type { Told } from './agree.ts'

/** The most frequent first; of each so many examples. */
export function describeKinds(differences: readonly Told[], examples: number): string {
  const kinds = [...Map.groupBy(differences, ({ kind }) => kind)].sort(([, a], [, b]) => b.length - a.length)
  return kinds
    .flatMap(([kind, all]) => [`${String(all.length).padStart(5)}  ${kind}`, ...all.slice(0, examples).map(example)])
    .join('\n')
}

const example = ({ case: { name, operators }, path, document, theirs, ours }: Told) =>
  [
    `       ${name} ${path} document ${document} (${operators.join(', ')})`,
    `         catalog: ${theirs.slice(0, 300)}`,
    `         ours:    ${ours.slice(0, 300)}`,
  ].join('\n')
