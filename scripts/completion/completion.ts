// The command line's words as bash, zsh and fish want to know them, made of the same definitions as its help.
import type { Command, Option } from 'commander'

type Words = {
  /** `store migrate` for a command below another. */
  path: string
  description: string
  /** Names of the commands below it. */
  below: { name: string; description: string }[]
  options: { flag: string; description: string; takesValue: boolean; choices: readonly string[] }[]
}

/** Of the program itself (path "") and of each command. */
export function wordsOf(program: Command, path = ''): Words[] {
  const below = program.commands.map(one => ({ name: one.name(), description: one.description() }))
  const own: Words = {
    path,
    description: program.description(),
    below: path === '' ? [...below, { name: 'help', description: 'the options of a command' }] : below,
    options: program.options.flatMap(optionWords),
  }
  return [own, ...program.commands.flatMap(one => wordsOf(one, path === '' ? one.name() : `${path} ${one.name()}`))]
}

const optionWords = ({ long, description, required, optional, argChoices }: Option) =>
  long ? [{ flag: long, description, takesValue: required || optional, choices: argChoices ?? [] }] : []

export const completionFor: Record<'bash' | 'zsh' | 'fish', (words: readonly Words[]) => string> = { bash, zsh, fish }

/** Where nothing is offered bash completes files by itself (`-o default`). */
function bash(all: readonly Words[]): string {
  const cases = all.map(({ path, below, options }) => {
    const values = options.filter(({ choices }) => choices.length > 0)
    const lines = [
      ...values.map(({ flag, choices }) => `      [[ $prev == ${flag} ]] && words='${choices.join(' ')}'`),
      ...(options.length > 0
        ? [`      [[ $cur == -* ]] && words='${options.map(({ flag }) => flag).join(' ')} --help'`]
        : []),
      ...(below.length > 0 ? [`      [[ $cur != -* ]] && words='${below.map(({ name }) => name).join(' ')}'`] : []),
    ]
    return [`    '${path}')`, ...lines, '      ;;'].join('\n')
  })
  const groups = all.filter(({ path, below }) => path !== '' && below.length > 0).map(({ path }) => path)
  return `# bash completion for catalog-gate: source <(catalog-gate completion bash)
_catalog_gate() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path='' words=''
  ((COMP_CWORD > 1)) && path=\${COMP_WORDS[1]}
  case $path in ${groups.join(' | ')}) ((COMP_CWORD > 2)) && path+=" \${COMP_WORDS[2]}" ;; esac
  case $path in
${cases.join('\n')}
    help) words='${all[0]?.below.map(({ name }) => name).join(' ')}' ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _catalog_gate catalog-gate`
}

function zsh(all: readonly Words[]): string {
  const described = ({ name, description }: { name: string; description: string }) =>
    quoted(`${name}:${description.replaceAll(':', '\\:')}`)
  const cases = all.map(({ path, below, options }) => {
    const specs = options.map(({ flag, description, takesValue, choices }) => {
      const value = choices.length > 0 ? `:value:(${choices.join(' ')})` : takesValue ? ':value:_files' : ''
      return quoted(`${flag}[${description.replaceAll(/[[\]:\\]/g, '\\$&')}]${value}`)
    })
    const offer =
      below.length > 0
        ? `local -a below=(${below.map(described).join(' ')}); [[ $words[CURRENT] == -* ]] && compadd -- ${options.map(({ flag }) => flag).join(' ')} --help || _describe command below`
        : `_arguments ${[...specs, quoted('*:file:_files')].join(' ')}`
    return `    ${quoted(path)}) ${offer} ;;`
  })
  const groups = all.filter(({ path, below }) => path !== '' && below.length > 0).map(({ path }) => path)
  return `#compdef catalog-gate
# zsh completion for catalog-gate: source <(catalog-gate completion zsh), after compinit
_catalog_gate() {
  local path_of=''
  ((CURRENT > 2)) && path_of=$words[2]
  case $path_of in ${groups.join('|')}) ((CURRENT > 3)) && path_of+=" $words[3]" ;; esac
  case $path_of in
${cases.join('\n')}
  esac
}
compdef _catalog_gate catalog-gate`
}

function fish(all: readonly Words[]): string {
  const lines = all.flatMap(({ path, below, options }) => {
    const names = below.map(({ name }) => name).join(' ')
    const [first, second] = path.split(' ')
    const seen = [first, second].flatMap(word => (word ? [`__fish_seen_subcommand_from ${word}`] : []))
    const here = path === '' ? '__fish_use_subcommand' : seen.join('; and ')
    const undone = path === '' ? here : `${here}; and not __fish_seen_subcommand_from ${names}`
    return [
      ...below.map(
        ({ name, description }) => `complete -c catalog-gate -n '${undone}' -f -a ${name} -d ${quoted(description)}`,
      ),
      ...options.map(({ flag, description, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : takesValue ? ' -r' : ''
        return `complete -c catalog-gate -n '${here}' -l ${flag.slice(2)}${value} -d ${quoted(description)}`
      }),
    ]
  })
  return ['# fish completion for catalog-gate: catalog-gate completion fish | source', ...lines].join('\n')
}

/** A word of a shell: in fish a backslash within quotes is one, and so is `'\\''` everywhere. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
