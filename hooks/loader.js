const { readFileSync } = require('node:fs')
const { Script } = require('node:vm')
const file = process.argv[1]
const text = readFileSync(file, 'latin1')
const at = text.lastIndexOf('\n//cache:')
const cache = at < 0 ? undefined : Buffer.from(text.slice(at + 9, -7), 'base64')
new Script(at < 0 ? text : text.slice(0, at), { filename: file, cachedData: cache }).runInThisContext()
