// In which words git is asked for catalog files that may name certain files: by the prelude and by Node.

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

/** Of a name with other letters, and of very many: whatever may name a file. */
export const ANY_WAY = 'Location|[$][a-z]'
export const MOST_LETTERS = 2000

/** Behind their names: what git is asked for, too, and finds nowhere. So Node knows that the prelude has asked. */
export const ASIDE = '.aside'
