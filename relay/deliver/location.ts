// Under which names the catalog may know a file.

/**
 * The targets under which a file may be registered, likeliest first: `blob` as people and Backstage's GitHub provider write it, then
 * `tree`, as Backstage writes targets that it resolves itself. The name of a Location is a hash of the target verbatim, so letter
 * for letter counts: the provider puts branch and path in as they are, a browser's address bar percent-encodes them. Where the
 * two differ (blanks, "#", non-ASCII), both are tried; where they do not, as nearly always, there is one form.
 */
export function locationTargets(place: { host: string; repository: string; ref: string; path: string }): string[] {
  const branch = place.ref.replace(/^refs\/heads\//, '')
  const encoded = (text: string) => text.split('/').map(encodeURIComponent).join('/')
  const url = (form: 'blob' | 'tree', tail: string) => `https://${place.host}/${place.repository}/${form}/${tail}`
  const verbatim = `${branch}/${place.path}`
  const targets = [verbatim, `${encoded(branch)}/${encoded(place.path)}`, `${branch}/${encodeURI(place.path)}`]
  return [...new Set(targets.flatMap(tail => [url('blob', tail), url('tree', tail)]))]
}

/** The target to register: a URL that any reader of it takes as one. */
export function registrationTarget(place: { host: string; repository: string; ref: string; path: string }): string {
  const branch = place.ref.replace(/^refs\/heads\//, '')
  const encoded = (text: string) => text.split('/').map(encodeURIComponent).join('/')
  return `https://${place.host}/${place.repository}/blob/${encoded(branch)}/${encoded(place.path)}`
}
