// node warm-up-check.cjs SCRIPT CACHE: runs `check` once on a good file in the working folder, and writes V8's code cache of what it used.
const fs = require('node:fs')
const vm = require('node:vm')
const { good } = require('./warm-up-files.cjs')

const [, , file, target] = process.argv
fs.writeFileSync('catalog-info.yaml', good)
fs.writeFileSync('openapi.yaml', 'openapi: 3.0.0\n')
const script = new vm.Script(fs.readFileSync(file, 'latin1'), { filename: file })
const built = { exports: {} }
script.runInThisContext()(built, require)
const said = []
const write = fs.writeSync
fs.writeSync = (_, bytes) => {
  said.push(String(bytes))
  return bytes.length
}
built.exports.startCheck(['catalog-info.yaml']).then(code => {
  fs.writeSync = write
  if (code !== 0) throw new Error(`the made-up file was refused:\n${said.join('')}`)
  fs.writeFileSync(target, script.createCachedData())
})
