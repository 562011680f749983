// The message of the commit that brings docs over: who wrote what in the wiki, and when.

/** `when`: ISO 8601. */
export type WikiCommit = { when: string; author: string; subject: string }

/** What tells our commits from other people's. */
const TRAILER = 'Catalog-Gate-Wiki'
const MOST_LISTED = 50
const MOST_AUTHORS = 30

/** `commits`: the newest first. */
export function commitMessage(wiki: string, commits: readonly WikiCommit[]): string {
  const listed = commits
    .slice(0, MOST_LISTED)
    .map(({ when, author, subject }) => `- ${when} ${author}: ${subject.slice(0, 100)}`)
  const more = commits.length - listed.length
  const authors = [...new Set(commits.map(({ author }) => author))].slice(0, MOST_AUTHORS)
  return [
    `Docs from the wiki, as of ${wiki.slice(0, 12)}`,
    '',
    ...listed,
    ...(more > 0 ? [`- and ${more} more`] : []),
    '',
    ...authors.map(author => `Co-authored-by: ${author}`),
    `${TRAILER}: ${wiki}`,
    '',
  ].join('\n')
}

/** The wiki's commit that a commit of ours was made from; undefined for other people's. */
export const wikiOfMessage = (message: string): string | undefined =>
  new RegExp(`^${TRAILER}: ([0-9a-f]{40,64})$`, 'm').exec(message)?.[1]
