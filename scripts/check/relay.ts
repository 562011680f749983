// check --relay: what the live catalog says of the files, as the hook asks it. Whoever asks for it is told when there is no answer.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openChecker, unbounded } from '../../hooks/catalog/check-files.ts'
import type { CheckedFile, Rules } from '../../hooks/catalog/file.ts'
import { questionOf, readAnswer, withAnswer } from '../../hooks/catalog/lookup.ts'
import type { Tree } from '../../hooks/catalog/tree.ts'
import type { CatalogNames } from '../../hooks/config/catalog-names.ts'
import type { HookConfig } from '../../hooks/config/hook-config.ts'
import { openConnection, type Relay } from '../../hooks/notify/connection.ts'
import { newMessageId } from '../../hooks/notify/signing.ts'
import { fileTrouble } from '../../schemas/error-code.ts'
import { parseSecret } from '../../schemas/secret.ts'
import type { CheckOptions } from './options.ts'

/** A person or a pipeline waits for it, and no push. */
const WAIT_MS = 10_000
const DNS_MS = 5_000

type Asked = { result: 'relay'; relay: Relay } | { result: 'wrong'; problem: string }

/** `--relay` with its secret, which the option names, or hook.yaml. */
export function relayFor(url: string, options: CheckOptions, config: HookConfig, cwd: string): Asked {
  const wrong = (problem: string): Asked => ({ result: 'wrong', problem })
  if (!URL.canParse(url) || !/^https?:\/\/[^/?#@]+\/?$/.test(url))
    return wrong(`--relay: expected https://HOST:PORT, as in relay.url, not "${url}"`)
  // What hook.yaml names lies beside it.
  const folder = resolve(cwd, dirname(options.config ?? '.'))
  const fromConfig = (file: string | undefined) => (file === undefined ? undefined : resolve(folder, file))
  const given = (file: string | undefined) => (file === undefined ? undefined : resolve(cwd, file))
  const secretFile = given(options.relaySecret) ?? fromConfig(config.relay?.secretFile)
  if (secretFile === undefined) return wrong('--relay needs --relay-secret FILE: the secret that hooks and relay share')
  const caFile = given(options.relayCa) ?? fromConfig(config.relay?.caFile)
  try {
    const secret = parseSecret(readFileSync(secretFile, 'utf8'))
    if (secret.result === 'unusable') return wrong(`${secretFile} ${secret.reason}`)
    const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8')
    return { result: 'relay', relay: { url: new URL(url), key: secret.key, ca } }
  } catch (error) {
    return wrong(`--relay: a file of it cannot be read (${fileTrouble(error)}): ${secretFile}`)
  }
}

type Here = { tree: Tree; rules: Rules; names: CatalogNames; env: NodeJS.ProcessEnv }

/** The files with what the catalog says of them; `trouble`: why it says nothing. */
export async function withCatalog(
  files: CheckedFile[],
  relay: Relay,
  { tree, rules, names, env }: Here,
): Promise<{ files: CheckedFile[]; trouble?: string }> {
  const isAsked = () => true
  const question = questionOf(files, isAsked, rules)
  if (question === undefined) return { files }
  const { fullName: repository } = rules.repository
  if (repository === undefined)
    return {
      files,
      trouble: 'whose repository this is, is not known: git remote "origin", or GITHUB_REPOSITORY, says it',
    }
  const ref = `refs/heads/${env['GITHUB_HEAD_REF'] || env['GITHUB_REF_NAME'] || 'main'}`
  const body = Buffer.from(JSON.stringify({ version: 1, repository, ref, ...question }))
  const connection = openConnection(relay, DNS_MS, Date.now)
  const [text] = await connection.ask([{ id: newMessageId(), body }], { connectMs: WAIT_MS, answersMs: WAIT_MS })
  connection.close()
  const answer = text === undefined ? undefined : readAnswer(text)
  if (answer === undefined)
    return {
      files,
      trouble: `the relay at ${relay.url.origin} gave no answer; is lookups.enabled on, and its list of the catalog there?`,
    }
  const here = { rules, tree, checker: openChecker(rules, names), budget: unbounded }
  return { files: await withAnswer(files, isAsked, answer, here) }
}
