// Differences that are known and are to be mended: whoever mends one takes its line away, and from then on the test fails on it.

/** By the kind that compare.ts gives a difference. */
const PENDING: readonly RegExp[] = [
  // A relative target or file that is certainly absent is to be our error, too.
  /we accept: a target of a Location that is not there/,
  /we accept: a file of a placeholder that is not there/,
  // What $json and $yaml quote is to be read and judged.
  /we accept: a file of \$json that is no JSON/,
  /we accept: a file of \$yaml /,
  /we accept: a file of \$openapi that cannot be bundled/,
  /we accept: .*(must (be|have|match|NOT) |Malformed envelope)/,
  /we say rejected, the catalog takes it: (wrong-type|missing-field|empty-field|schema-rule|entity-ref|link-url|[a-z-]+-format|label-[a-z]+|annotation-[a-z]+)/,
  /we accept: Error: "…" is not valid; expected/,
  // A Location of which one target cannot be taken is lost, and all of its targets with it.
  /(a Location|an entity), we accept: (a YAML error|a document that is no map|annotations that are no map|a kind outside catalog.rules|the envelope or the schema)/,
  // A target that is no URL of a file.
  /a Location, we accept: Unable to read url, (Invalid URL|Incorrect URL|URI malformed)/,
  /does not take an entity, we accept: (Unable to read url, Incorrect URL|another file has it)/,
  // Patterns, paths in another spelling and own URLs are to be followed.
  /what we did not look at/,
]

export const isPending = (kind: string): boolean => PENDING.some(pattern => pattern.test(kind))
