// What people write behind a placeholder in svc/catalog-info.yaml of org/repo on ghe.example.com, and what is certain of it.
import type { Reading } from '../../hooks/catalog/checks/placeholder-url.ts'

export const HERE = { host: 'ghe.example.com', fullName: 'org/repo', file: 'svc/catalog-info.yaml' }

const OTHER: Reading = 'other repository'
const NONE: Reading = 'no file'
const FINE: Reading = 'possible'

/** `hook`: where the host is not known, if that makes it another answer. */
export type Shape = { target: string; reading: Reading; hook?: Reading }
const shape = (target: string, reading: Reading, hook?: Reading): Shape => ({
  target,
  reading,
  ...(hook ? { hook } : {}),
})

const host = 'https://ghe.example.com'

export const SHAPES: readonly Shape[] = [
  // relative
  shape('./openapi.yaml', FINE),
  shape('openapi.yaml', FINE),
  shape('../openapi.yaml', FINE),
  shape('/openapi.yaml', FINE),
  shape('//elsewhere.example/openapi.yaml', FINE),
  shape('', FINE),
  shape('git@github.com:org/other/openapi.yaml', FINE),
  shape('../../dev/openapi.yaml', FINE),
  shape('../../../blob/dev/openapi.yaml', FINE),
  shape('../../../../repo/raw/main/openapi.yaml', FINE),
  shape('../../../openapi.yaml', OTHER),
  shape('../../../../other/tree/main/openapi.yaml', OTHER),
  shape('../../../../../other/blob/main/openapi.yaml', OTHER),
  shape('/../../../../other/tree/main/openapi.yaml', OTHER),
  shape('https://', NONE),
  shape('./a%252e%252e/%252e%252e/openapi.yaml', NONE),
  // our own repository
  shape(`${host}/org/repo/blob/main/openapi.yaml`, FINE),
  shape(`${host}/org/repo/tree/v1/openapi.yaml`, FINE),
  shape(`${host}/org/repo/edit/main/openapi.yaml`, FINE),
  shape(`${host}/org/repo/raw/main/openapi.yaml`, FINE),
  shape(`${host}/%6frg/repo/blob/main/openapi.yaml`, FINE),
  shape(`${host}:443/org/repo/blob/main/openapi.yaml`, FINE),
  shape(`${host}:8443/org/repo/blob/main/openapi.yaml`, FINE),
  shape('http://ghe.example.com/org/repo/blob/main/openapi.yaml', FINE),
  shape('https://GHE.example.com/org/repo/blob/main/openapi.yaml', FINE),
  shape(`${host}/org/repo`, NONE, FINE),
  shape(`${host}/org/repo/issues/7`, NONE, FINE),
  shape(`${host}/org/repo/commit/0123abc`, NONE, FINE),
  shape(`${host}/org/repo/wiki/openapi.yaml`, OTHER, FINE),
  // others on our own host, and what git-url-parse takes for one
  shape(`${host}/org/other/blob/main/openapi.yaml`, OTHER, FINE),
  shape(`${host}/org/other/raw/main/openapi.yaml`, OTHER, FINE),
  shape(`${host}/org/other`, OTHER, FINE),
  shape(`${host}/org/other/releases/download/v1/openapi.yaml`, OTHER, FINE),
  shape(`${host}/raw/org/other/main/openapi.yaml`, OTHER, FINE),
  shape(`${host}/raw/org/repo/main/openapi.yaml`, OTHER, FINE),
  shape(`${host}/pages/org/repo/openapi.yaml`, OTHER, FINE),
  shape(`${host}/api/v3/repos/org/repo/contents/openapi.yaml`, OTHER, FINE),
  shape(`${host}:8443/org/other/blob/main/openapi.yaml`, OTHER, FINE),
  shape(`${host}:8443/org/other`, FINE),
  shape('ssh://git@ghe.example.com/org/other.git', OTHER, FINE),
  // a part of the name that is encoded twice, or climbs
  shape(`${host}/org%252Fother/repo/blob/main/openapi.yaml`, OTHER),
  shape('https://files.example.org/a%2525/b/blob/main/openapi.yaml', OTHER),
  shape('https://files.example.org/a/%252e%252e/b', OTHER),
  shape(`${host}/org/%/blob/main/openapi.yaml`, NONE, FINE),
  // hosts that every Backstage has an integration for
  shape('https://github.com/org/repo/blob/main/openapi.yaml', OTHER),
  shape('https://github.com/org/other', OTHER),
  shape('https://github.com/org/other/releases/download/v1/openapi.yaml', OTHER),
  shape('https://gitlab.com/org/other/-/raw/main/openapi.yaml', OTHER),
  shape('https://gitlab.com/api/v4/projects/1/repository/files/x/raw', OTHER),
  shape('https://bitbucket.org/org/other/src/main/openapi.yaml', OTHER),
  shape('https://dev.azure.com/org/p/_git/other?path=/openapi.yaml', OTHER),
  shape('https://storage.cloud.google.com/bucket/openapi.yaml', OTHER),
  shape('https://amazonaws.com/bucket/openapi.yaml', OTHER),
  shape('https://blob.core.windows.net/c/openapi.yaml', OTHER),
  // hosts that none has
  shape('https://raw.ghe.example.com/org/other/main/openapi.yaml', FINE),
  shape('https://raw.githubusercontent.com/org/other/main/openapi.yaml', FINE),
  shape('https://gitea.example.org/org/other/src/branch/main/openapi.yaml', FINE),
  shape('https://gitlab.example.org/org/other/-/blob/main/openapi.yaml', FINE),
  shape('https://bucket.s3.amazonaws.com/openapi.yaml', FINE),
  shape('https://acme.visualstudio.com/p/_git/other?path=/openapi.yaml', FINE),
  shape('https://api.example.org/v1/openapi.json', FINE),
  // no host at all
  shape('file:///srv/openapi.yaml', NONE),
  shape('mailto:team@example.org', NONE),
  shape('note: see below', NONE),
]
