export function fieldsOf(schema: object): Record<string, string[]>
