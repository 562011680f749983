// Files that catalog files quote or name: how these may be called, and in which words git is asked for catalog files that do so, by the prelude and by Node.

/** Files in which a line fits an extended regular expression. */
export const GREP = [
  ...['-c', 'submodule.recurse=false', 'grep', '-E', '-a', '-l'],
  ...['--threads=1', '--no-color', '--full-name'],
]

/** What may stand for a name that is not written out: an escape of YAML or of a URL, a pattern of a Location that leads up or begins at the root. */
export const OTHER_WAYS = [
  String.raw`\\([xuU/]|$)`,
  String.raw`(\./|\$[a-z]+["']?:)[^:]*%`,
  String.raw`(\.\.|[ "'[])/[^:]*[*?[{(]`,
].join('|')

/** Patterns below their own folder that fit other files than YAML. Files in and above a folder are looked at anyway, where Node runs: so only the prelude asks. */
export const GLOBS = `/[^ "']*([*{[][^ "']*[.]([^y"' .]|y[^am])|[*](["',]|]| *$))`

/** A name is no part of a longer one. */
export const BEFORE_NAME = '(^|[^0-9A-Za-z._-])'
export const BEHIND_NAME = '([^0-9A-Za-z._-]|$)'

/** Of a name with other letters, and of very many: whatever may name a file. */
export const ANY_WAY = 'Location|[$][0-9A-Za-z._-]+'
export const MOST_LETTERS = 2000

/** Behind their names: what git is asked for, too, and finds nowhere. So Node knows that the prelude has asked. */
export const ASIDE = '.aside'

/** How source code, pictures and archives end: nobody quotes them. */
export const NEVER_QUOTED =
  'c cc class cpp cs css dart go gif gz h hpp ico jar java jpeg jpg js jsx kt kts lock lua mjs cjs pdf php png py rb rs scala scss sh snap so sum svg swift ts tsx ttf vue webp woff woff2 zip'.split(
    ' ',
  )

/** Quoted as a text, if at all: what counts is that one goes or becomes empty, and not what it holds. So it is with names that have no ending. */
export const TEXTS =
  'adoc avsc cfg conf csv gitignore gql gradle graphql graphqls htm html ini markdown md mod properties proto raml rst sql tf toml tsv txt wsdl xml xsd'.split(
    ' ',
  )

/** The ids of an empty file. */
export const EMPTY = [
  'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
  '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
]
