// Many objects of a repository, read or written by one git each: a process an object would take longer than the work.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { endWithUs } from './run-git.ts'

/** `git cat-file --batch`: one object at a time. */
export class ObjectReader {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #output: Output

  constructor(repository: string, env: NodeJS.ProcessEnv) {
    this.#child = started(repository, ['cat-file', '--batch'], env)
    this.#output = new Output(this.#child, 'git cat-file')
  }

  /** Throws when the object is not there: whoever asks has its name from a tree. */
  async read(id: string): Promise<Buffer> {
    this.#child.stdin.write(`${id}\n`)
    const [, type, bytes] = (await this.#output.line()).split(' ')
    if (type === undefined || type === 'missing' || bytes === undefined) throw new Error(`git has no object ${id}`)
    const content = await this.#output.bytes(Number(bytes) + 1)
    return content.subarray(0, -1)
  }

  end = (): Promise<void> => this.#output.ended(() => this.#child.stdin.end())
}

/** `git fast-import`: blobs, which other processes see after `end()`. */
export class BlobWriter {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #output: Output
  #mark = 0

  constructor(repository: string, env: NodeJS.ProcessEnv) {
    this.#child = started(repository, ['fast-import', '--quiet', '--done'], env)
    this.#output = new Output(this.#child, 'git fast-import')
  }

  /** Gives its id. */
  async store(text: string): Promise<string> {
    const bytes = Buffer.from(text)
    const mark = ++this.#mark
    this.#child.stdin.write(`blob\nmark :${mark}\ndata ${bytes.length}\n`)
    this.#child.stdin.write(bytes)
    this.#child.stdin.write(`\nget-mark :${mark}\n`)
    return this.#output.line()
  }

  end = (): Promise<void> => this.#output.ended(() => this.#child.stdin.end('done\n'))
}

function started(repository: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  const child = spawn('git', args, { cwd: repository, env, stdio: 'pipe', detached: true })
  endWithUs(child)
  // Its end is told by what it wrote until then.
  child.stdin.on('error', () => {})
  return child
}

/** What a process writes, taken by lines and by lengths. One reader at a time. */
class Output {
  readonly #name: string
  readonly #chunks: Buffer[] = []
  #length = 0
  #errors = ''
  #wake: (() => void) | undefined
  readonly #end: Promise<number | null>
  #isOver = false

  constructor(child: ChildProcessWithoutNullStreams, name: string) {
    this.#name = name
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#length += chunk.length
      this.#wake?.()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-2000)
    })
    this.#end = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', code => {
        this.#isOver = true
        this.#wake?.()
        resolve(code)
      })
    })
    // A failure to start reaches whoever waits for the end, or for a line.
    this.#end.catch(() => {})
  }

  async line(): Promise<string> {
    for (let looked = 0; ; ) {
      const all = this.#joined()
      const at = all.indexOf(10, looked)
      if (at >= 0)
        return this.#take(at + 1)
          .subarray(0, -1)
          .toString('utf8')
      looked = all.length
      await this.#more()
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count) await this.#more()
    return this.#take(count)
  }

  async ended(close: () => void): Promise<void> {
    close()
    const code = await this.#end
    if (code !== 0) throw new Error(`${this.#name} ended with ${code ?? 'a signal'}: ${this.#errors.trim()}`)
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks))
    return this.#chunks[0] ?? Buffer.alloc(0)
  }

  #take(count: number): Buffer {
    const all = this.#joined()
    this.#chunks.splice(0, 1, ...(all.length > count ? [all.subarray(count)] : []))
    this.#length -= count
    return all.subarray(0, count)
  }

  async #more(): Promise<void> {
    if (this.#isOver) throw new Error(`${this.#name} ended early: ${this.#errors.trim()}`)
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }
}
