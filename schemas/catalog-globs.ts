// Which files are catalog files where hook.yaml or relay.yaml says nothing else.

/** Globs: a path is a catalog file when one of `files` matches it and none of `ignore`. */
export type CatalogGlobs = { files: string[]; ignore: string[] }

export const CATALOG_DEFAULTS: CatalogGlobs = {
  files: ['**/catalog-info.yaml', '**/catalog-info.yml'],
  ignore: ['**/skeleton/**', '**/node_modules/**', '**/testdata/**'],
}
