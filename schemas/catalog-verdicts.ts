// What our module in Backstage tells the relay: what the catalog made of files. Wire form: catalog-verdicts.schema.json.

export type CatalogResult = 'accepted' | 'refused' | 'conflict' | 'unreadable'

export type CatalogVerdict = {
  /** The file: `url:https://HOST/OWNER/NAME/blob/BRANCH/PATH`. */
  location: string
  /** The entity; the Location's own where it is about the file as a whole. */
  entity: string
  result: CatalogResult
  errors?: string[]
  /** Of a conflict: the Location that has the name. */
  heldBy?: string
  /** ISO 8601. */
  at: string
  /** Git's object id of the content that was read, where it is known: then it is certain which push it is about. */
  blob?: string
  /** How many entities that content has. */
  of?: number
}

export type CatalogVerdicts = {
  version: 1
  verdicts: CatalogVerdict[]
  /** How much of its time this process of Backstage works, 0 to 1: what it can take follows from it. */
  busy?: number
}
