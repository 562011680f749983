const file = process.argv[1]
const bytes = require('node:fs').readFileSync(file)
const at = bytes.lastIndexOf('\n//cache:')
const cachedData = at < 0 ? undefined : Buffer.from(bytes.latin1Slice(at + 9, bytes.length - 7), 'base64')
const source = bytes.latin1Slice(0, at < 0 ? bytes.length : at)
const { Script } = require('node:vm')
new Script(source, { filename: file, cachedData }).runInThisContext()
