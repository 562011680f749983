// node warm-up.cjs HOOK CACHE: runs a hook once on a made-up push, inside this process, and writes V8's code cache of what it used.
//
// Nothing outside is touched: the relay, its secret, the name look-up and git are answered from here, in the same order every time.
const fs = require('node:fs')
const net = require('node:net')
const childProcess = require('node:child_process')
const { EventEmitter } = require('node:events')
const { Duplex, PassThrough, Writable } = require('node:stream')
const tls = require('node:tls')
const vm = require('node:vm')
const { good, bad } = require('./warm-up-files.cjs')

const [, , hook, target] = process.argv
const another = good.replace('orders', 'payments').replaceAll('take', 'pay')
const id = letter => letter.repeat(40)
const [old, tip, main] = ['1', '2', '3'].map(id)
const blob = (letter, text, rest) => `${id(letter)} blob ${Buffer.byteLength(text)} ${rest}\n${text}\n`
const folderOf = i => (i > 0 ? `other${i}/` : '')
const raw = (_, i) => `:100644 100644 ${id('def'[i])} ${id('abc'[i])} M\t${folderOf(i)}catalog-info.yaml`
/** As the prelude hands it over: what was pushed, what stands beside it and is quoted by it, and what it was before. */
const pushOf = (from, head, texts) =>
  [
    'head refs/heads/main',
    `base ${from === undefined ? main : ''}`,
    `ref ${from ?? '0'.repeat(40)} ${tip} refs/heads/${head}`,
    tip,
    ...texts.map(raw),
    ...(from === undefined ? [`since ${tip}`, 'tip'] : []),
    'contents',
    [
      ...texts.map((text, i) => blob('abc'[i], text, `@${tip}:${folderOf(i)}`)),
      ...texts.flatMap((_, i) => [
        blob('8', 'site_name: orders\n', `${tip}:${folderOf(i)}mkdocs.yml`),
        blob('9', 'openapi: 3.0.0\n', `${tip}:${folderOf(i)}openapi.yaml`),
      ]),
      ...(from === undefined ? [] : texts.map((text, i) => blob('def'[i], text.replace('May', 'June'), ''))),
    ].join(''),
  ].join('\n')

const realReadFile = fs.readFileSync
fs.readFileSync = (file, ...rest) => {
  if (String(file) === '/etc/hosts') return '127.0.0.1 relay'
  if (/secret/.test(String(file)) || /\.(pem|key|crt)$/.test(String(file)))
    return `whsec_${Buffer.alloc(32).toString('base64')}`
  return realReadFile(file, ...rest)
}
// Two pushes that the relay is told of, to a branch and of a new one, and one that is refused: the code of all is in the cache.
const pushes = [
  pushOf(old, 'main', [good, another]),
  pushOf(undefined, 'topic', [good]),
  pushOf(old, 'main', [bad]),
].map(text => Buffer.from(text))
let pending = Buffer.alloc(0)
const realRead = fs.readSync
fs.readSync = (fd, buffer, ...rest) => {
  if (fd !== 0) return realRead(fd, buffer, ...rest)
  const bytes = pending.copy(buffer)
  pending = pending.subarray(bytes)
  return bytes
}
const realWrite = fs.writeSync
let said = ''
fs.writeSync = (_fd, bytes) => {
  said += bytes
  return bytes.length
}

// A machine that is busy must not make a time limit end what goes on another time. And a stack that is taken leaves the places of its functions in the cache.
performance.now = () => 0
Error.stackTraceLimit = 0
Date.now = () => 0
const realRun = vm.Script.prototype.runInThisContext
vm.Script.prototype.runInThisContext = function runWithoutLimit() {
  return realRun.call(this)
}
globalThis.setTimeout = () => ({ unref: returnThis, ref: returnThis })

const LOOKED_UP = '{"unknown":[],"taken":[],"asOf":"2027-01-31T08:00:00Z"}'

/** The relay: it takes everything, and misses nothing in the catalog. */
class Relay extends Duplex {
  constructor() {
    super()
    setImmediate(() => {
      this.emit('connect')
      this.emit('secureConnect')
    })
  }
  _read() {}
  _write(chunk, _encoding, done) {
    done()
    const [status, body] = /^POST \/v1\/lookups /.test(String(chunk)) ? ['200 OK', LOOKED_UP] : ['202 Accepted', '{}']
    setImmediate(() => this.push(`HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n\r\n${body}`))
  }
}
for (const name of ['setNoDelay', 'setKeepAlive', 'setTimeout', 'ref', 'unref']) Relay.prototype[name] ??= returnThis
function returnThis() {
  return this
}
net.connect = () => new Relay()
tls.connect = net.connect

/** Git: it has none of the objects that are asked for, and one file in each folder. */
const answersOf = (args, asked) => {
  if (args.includes('cat-file')) return asked.replaceAll(/^(\S+).*$/gm, '$1 missing')
  return args.includes('ls-tree') ? `100644 blob ${'d'.repeat(40)}\topenapi.json\0` : ''
}
childProcess.spawn = (_command, args) => {
  let asked = ''
  const stdin = new Writable({
    write(chunk, _encoding, done) {
      asked += chunk
      done()
    },
  })
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const child = Object.assign(new EventEmitter(), { stdin, stdout, stderr, kill: () => true })
  stdin.once('finish', () => stdout.end(answersOf(args, asked)))
  stdout.once('end', () => child.emit('close', 0))
  return child
}

const script = new vm.Script(realReadFile(hook, 'latin1'), { filename: hook })
const realExit = process.exit
const run = () => {
  pending = pushes.shift()
  script.runInThisContext()
}
process.exit = () => {
  if (pushes.length > 0) return setImmediate(run)
  process.exit = realExit
  fs.writeSync = realWrite
  if (said.includes('an error of its own')) console.error(said)
  fs.writeFileSync(target, script.createCachedData())
  // The made-up push is refused or not, as the configuration says; only a fault of the script's own is wrong.
  realExit(/an error of its own/.test(said) ? 1 : 0)
}
process.env.GITHUB_REPO_NAME = 'acme/payments'
process.argv.splice(0, process.argv.length, process.execPath, hook, '', 'guarded')
globalThis.require = require
setImmediate(run)
