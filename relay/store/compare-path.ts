// The path of a job that is no file's: a comparison to be asked of GHES.

/** No path in a git tree begins with a slash: this one can never be a file's. */
const MARK = '/compare/'

/** The path of the job that stands for the question. Both commits are in it: a later push must not take its place. */
export const comparePath = (base: string, head: string) => `${MARK}${base}...${head}`

/** What the job's path asks for; undefined for a file's. */
export function readComparePath(path: string): { base: string; head: string } | undefined {
  const [base, head] = path.startsWith(MARK) ? path.slice(MARK.length).split('...') : []
  return base === undefined || head === undefined ? undefined : { base, head }
}
