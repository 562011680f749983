const file = process.argv[1]
const bytes = require('node:fs').readFileSync(file)
const at = bytes.lastIndexOf('\n//cache:')
const cache = at < 0 ? undefined : Buffer.from(bytes.latin1Slice(at + 9, bytes.length - 7), 'base64')
;new (require('node:vm').Script)(bytes.latin1Slice(0, at < 0 ? bytes.length : at), {
  filename: file,
  cachedData: cache,
}).runInThisContext()
