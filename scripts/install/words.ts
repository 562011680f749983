// Plans for a reader: what is added (+), changed (~), taken away (-).
import { type FileChange, type HookSettings, nameOf, type Plan, type Step, type Tarball } from './step.ts'

export function planLines({ steps, notes, problems }: Plan): string[] {
  return [
    ...problems.map(problem => `error: ${problem}`),
    ...steps.filter(step => step.do !== 'set').flatMap(stepLines),
    ...stageLines(steps),
    ...notes.map(note => `note: ${note}`),
  ]
}

/** Under the name of each stage, in their order, what changes there. */
function stageLines(steps: readonly Step[]): string[] {
  const sets = steps.filter(step => step.do === 'set').sort((a, b) => a.stage.number - b.stage.number)
  return [...Map.groupBy(sets, ({ stage }) => stage.name)].flatMap(([stage, there]) => [
    `  ${stage}:`,
    ...there.flatMap(stepLines).map(line => `  ${line}`),
  ])
}

function stepLines(step: Step): string[] {
  const within =
    step.do === 'commit' ? [...step.files.map(fileText), ...step.settings.map(text => `hook.yaml: ${text}`)] : []
  return [`  ${sign(step)} ${stepText(step)}`, ...within.map(line => `      ${line}`)]
}

function sign(step: Step): string {
  if (step.do.startsWith('create') || step.do === 'start-repository') return '+'
  return step.do.startsWith('delete') ? '-' : '~'
}

/** One line, without its sign. */
export function stepText(step: Step): string {
  switch (step.do) {
    case 'create-repository':
      return `repository ${step.repository} (${step.visibility})`
    case 'start-repository':
      return `${step.repository} has no commit yet: a first one with ${step.path}`
    case 'create-environment':
      return `environment ${step.name}`
    case 'download':
      return `environment ${step.name}: download ${tarballText(step.tarball)}`
    case 'commit':
      return `repository ${step.repository}: one commit, ${step.message.split('\n')[0]}`
    case 'create-hook':
      return `hook ${step.settings.name}: ${settingsText(step.settings)}`
    case 'change-hook':
      return `hook ${step.name}: ${changesText(step.from, step.to)}`
    case 'set':
      return `${nameOf(step.scope)}: ${step.from === step.to ? `${step.to}, set there` : `${step.from} -> ${step.to}`}${belowText(step.allowDownstream)}`
    case 'delete-hook':
      return `hook ${step.name}, with its settings in organisations and repositories`
    case 'delete-environment':
      return `environment ${step.name}`
    case 'delete-repository':
      return `repository ${step.repository}, with its history`
  }
}

const tarballText = (tarball: Tarball) =>
  tarball.from === 'url' ? tarball.imageUrl : `${tarball.file} from this machine (--serve)`

const belowText = (allowed: boolean | undefined) =>
  allowed === undefined ? '' : `, repositories ${allowed ? 'may' : 'cannot'} change it`

function fileText({ path, change, ...file }: FileChange): string {
  const bytes = file.give === 'bytes' ? `, ${size(file.bytes.length)}` : ''
  const mode = 'executable' in file ? ', executable' : ''
  return `${{ added: '+', changed: '~', removed: '-' }[change]} ${path}${bytes}${mode}`
}

const size = (bytes: number) => (bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`)

const settingsText = ({ enforcement, repository, script, environment, allowDownstream }: HookSettings) =>
  `${enforcement} everywhere, runs ${script} of ${repository} in ${environment}${allowDownstream ? ', organisations may change it' : ''}`

function changesText(from: HookSettings, to: Partial<HookSettings>): string {
  const names = {
    environment: 'environment',
    repository: 'repository',
    script: 'script',
    enforcement: 'everywhere',
  } as const
  const texts = Object.entries(names).flatMap(([key, name]) => {
    const [before, after] = [from[key as keyof typeof names], to[key as keyof typeof names]]
    return after === undefined ? [] : [`${name} ${before || 'none'} -> ${after}`]
  })
  if (to.allowDownstream !== undefined)
    texts.push(`organisations ${to.allowDownstream ? 'may' : 'cannot'} change it from now on`)
  return texts.join(', ')
}
