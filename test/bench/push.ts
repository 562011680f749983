// Pushes as GHES hands them to a hook: the pushed objects in a quarantine folder, GIT_DIR and GHES's variables set, ref lines on stdin.
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { gitEnvironment, runGit } from '../support/git.ts'
import type { Case } from './measure.ts'

export type Push = { repository: Repository; env: NodeJS.ProcessEnv; input: string }

export type Repository = { directory: string; tip: string }

const ZERO = '0'.repeat(40)

/** A valid catalog file; the title tells one from the next. */
export const catalogFile = (name: string, title = name) => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${name}
  title: ${title}
  description: Takes payments, and gives them back.
  annotations:
    github.com/project-slug: acme/${name}
    backstage.io/techdocs-ref: dir:.
  tags: [java, payments]
  links:
    - url: https://wiki.example.com/${name}
      title: Wiki
spec:
  type: service
  lifecycle: production
  owner: team-a
  system: shop
  dependsOn: [resource:default/${name}-db]
  providesApis: [${name}-api]
`

/** The same for an API, whose definition is a file of the repository. */
export const apiFile = (name: string) =>
  catalogFile(name)
    .replace('kind: Component', 'kind: API')
    .replace(/ {2}dependsOn: .*\n {2}providesApis: .*\n/, '  definition:\n    $text: ./openapi.yaml\n')

/** A bare repository whose default branch holds a catalog file, what it names, and `files` others, 100 a folder. */
export async function createRepository(directory: string, files: number): Promise<Repository> {
  await mkdir(directory, { recursive: true })
  await run(directory, ['init', '--quiet', '--bare', '--initial-branch=main', '.'])
  const contents = new Map([
    ['catalog-info.yaml', catalogFile('payments')],
    ['mkdocs.yml', 'site_name: payments\n'],
    ['openapi.yaml', 'openapi: 3.0.0\ninfo: { title: payments, version: "1" }\npaths: {}\n'],
  ])
  for (let i = 0; i < files; i++) contents.set(`src/package${Math.floor(i / 100)}/file${i}.java`, `class File${i} {}\n`)
  const tip = await commit(directory, contents, undefined, gitEnvironment())
  await run(directory, ['update-ref', 'refs/heads/main', tip])
  return { directory, tip }
}

/** A push of these files on top of the default branch; its objects stay in quarantine. */
export async function preparePush(
  repository: Repository,
  files: Record<string, string>,
  kind: 'update' | 'create',
): Promise<Push> {
  const objects = join(repository.directory, 'objects')
  const quarantine = await mkdtemp(join(objects, 'ghq_'))
  const env = {
    ...gitEnvironment(),
    GIT_DIR: repository.directory,
    GIT_OBJECT_DIRECTORY: quarantine,
    GIT_QUARANTINE_PATH: quarantine,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
    GITHUB_REPO_NAME: 'acme/payments',
    GITHUB_REPO_PUBLIC: 'false',
    GITHUB_USER_LOGIN: 'octocat',
    GITHUB_USER_IP: '192.0.2.1',
    CATALOG_GATE_NODE: process.execPath,
  }
  const { GIT_QUARANTINE_PATH: _, ...writing } = env // git refuses to write refs in quarantine; fast-import writes one
  const pushed = await commit(repository.directory, new Map(Object.entries(files)), repository.tip, writing)
  const input =
    kind === 'create' ? `${ZERO} ${pushed} refs/heads/topic\n` : `${repository.tip} ${pushed} refs/heads/main\n`
  return { repository, env, input }
}

/** The case of a hook with a push; `round` makes a message that the relay has not seen. */
export function pushCase(what: string, hook: string, { repository, env, input }: Push, round = 0): Case {
  return {
    what,
    command: hook,
    env: { ...env, GITHUB_REPO_NAME: `acme/payments${round}` },
    input,
    cwd: repository.directory,
  }
}

/** What everything is compared to: the same Node doing nothing, in the same folder and environment. */
export const bareNode = ({ repository, env }: Push): Case => ({
  what: BARE_NODE,
  command: process.execPath,
  args: ['-e', '0'],
  env,
  cwd: repository.directory,
})
export const BARE_NODE = 'node -e 0'

async function commit(
  directory: string,
  files: ReadonlyMap<string, string>,
  parent: string | undefined,
  env: Record<string, string>,
): Promise<string> {
  const ref = 'refs/bench/new'
  const text = [
    `commit ${ref}`,
    'committer Mona <mona@example.com> 1790000000 +0000',
    'data 0',
    ...(parent === undefined ? [] : [`from ${parent}`]),
  ]
  for (const [path, content] of files)
    text.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(content)}`, content)
  await run(directory, ['fast-import', '--quiet', '--force'], env, `${text.join('\n')}\n\ndone\n`)
  const id = (await run(directory, ['rev-parse', ref], env)).trim()
  await run(directory, ['update-ref', '-d', ref], env)
  return id
}

async function run(
  directory: string,
  args: readonly string[],
  env: Record<string, string> = gitEnvironment(),
  input = '',
): Promise<string> {
  const done = await runGit(directory, args, { env, input })
  if (done.exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${done.exitCode}: ${done.stderr}`)
  return done.stdout.toString('utf8')
}
