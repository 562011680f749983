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
const another = good.replace('payments', 'orders').replace('pay', 'order')
const blob = (id, text) => `${id.repeat(40)} blob ${Buffer.byteLength(text)}\n${text}\n`
const raw = (id, path) => `:100644 100644 ${'0'.repeat(40)} ${id.repeat(40)} M\t${path}`
const pushOf = (...texts) =>
  [
    'head refs/heads/main',
    'base ',
    `ref ${'1'.repeat(40)} ${'2'.repeat(40)} refs/heads/main`,
    '2'.repeat(40),
    ...texts.map((_, i) => raw('abc'[i], `${i > 0 ? `other${i}/` : ''}catalog-info.yaml`)),
    'contents',
    texts.map((text, i) => blob('abc'[i], text)).join(''),
  ].join('\n')

const realReadFile = fs.readFileSync
fs.readFileSync = (file, ...rest) => {
  if (String(file) === '/etc/hosts') return '127.0.0.1 relay'
  if (/secret/.test(String(file)) || /\.(pem|key|crt)$/.test(String(file)))
    return `whsec_${Buffer.alloc(32).toString('base64')}`
  return realReadFile(file, ...rest)
}
// One push that is told to the relay, and one that is refused: the code of both is in the cache.
const pushes = [pushOf(good, another), pushOf(bad)].map(text => Buffer.from(text))
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

/** The relay: it takes everything. */
class Relay extends Duplex {
  constructor() {
    super()
    setImmediate(() => {
      this.emit('connect')
      this.emit('secureConnect')
    })
  }
  _read() {}
  _write(_chunk, _encoding, done) {
    done()
    setImmediate(() => this.push('HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}'))
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
