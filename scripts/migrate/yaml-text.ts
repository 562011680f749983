// Entities as the text of a catalog file, in the order in which people write them, with a comment where one should look.
import { Document, isMap, isScalar } from 'yaml'
import { printable } from '../../schemas/printable.ts'

type Field = { value: string | readonly string[] | Record<string, string>; comment?: string | undefined }

export type EntityText = {
  kind: 'Component' | 'API'
  name: string
  nameComment: string | undefined
  title: string | undefined
  description: { value: string; comment?: string | undefined } | undefined
  annotations: Record<string, string>
  tags: readonly string[]
  spec: Record<string, Field>
}

/** What tells a person, and us, who has written it. */
const HEAD = (repository: string) =>
  ` Proposed by catalog-gate migrate for ${printable(repository)}. Lines with a comment are guesses: please look at them.`

export function yamlOf(entities: readonly EntityText[], repository: string): string {
  return entities.map((entity, i) => documentOf(entity, i === 0 ? HEAD(repository) : undefined)).join('---\n')
}

function documentOf(
  { kind, name, nameComment, title, description, annotations, tags, spec }: EntityText,
  head: string | undefined,
): string {
  const document = new Document({
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: {
      name,
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description: description.value }),
      annotations,
      ...(tags.length === 0 ? {} : { tags }),
    },
    spec: Object.fromEntries(Object.entries(spec).map(([key, { value }]) => [key, value])),
  })
  const comment = (path: string[], text: string | undefined) => {
    const node = document.getIn(path, true)
    if (text !== undefined && isScalar(node)) node.comment = ` ${printable(text)}`
  }
  if (head !== undefined) document.commentBefore = head
  const metadata = document.get('metadata')
  const after = isMap(metadata)
    ? metadata.items.find(({ key }) => isScalar(key) && key.value === 'annotations')?.key
    : undefined
  if (description === undefined && kind === 'Component' && head !== undefined && isScalar(after))
    after.commentBefore = ' description: nothing here says what it is for; a sentence helps everybody'
  comment(['metadata', 'name'], nameComment)
  comment(['metadata', 'description'], description?.comment)
  for (const [key, field] of Object.entries(spec)) comment(['spec', key], field.comment)
  return document.toString({ lineWidth: 0 })
}
