// What `catalog-gate migrate` is told on the command line.
export type MigrateOptions = {
  /** Nothing: the plan. */
  what?: 'status' | undefined
  config: string
  apply?: boolean
  /** Also repairs files that are there. */
  fix?: boolean
  /** A folder for the files. */
  out?: string
  json?: boolean
  csv?: string
  html?: string
  /** A path, or `false` by --no-cache. */
  cache?: string | false
}
