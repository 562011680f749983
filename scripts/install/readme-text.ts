// The README of the hook repository, for those who come there from a refused push.

export const README = 'README.md'
const MARK = '<!-- written by catalog-gate install: changes are lost at the next one -->'

export function readmeText({ name, script }: { name: string; script: string }): string {
  return `${MARK}

# Pre-receive hooks for the Backstage catalog

GitHub Enterprise Server runs \`${script}\` of this repository's default branch, as the pre-receive hook "${name}": a push that would break a
\`catalog-info.yaml\` is refused, and told where and why. If that happened to you, the way out stands in what git printed.

| file | what |
|---|---|
| \`catalog-gate\` | checks catalog files, and tells the relay what was accepted |
| \`catalog-validate\` | checks only |
| \`catalog-notify\` | tells only |
| \`sandbox-probe\` | changes nothing: prints what the hook sandbox of this appliance allows |
| \`catalog-gate.stage.json\` | where the hook is enforced, and where it is in testing; written by install and promote, so that its messages say what happens there |
| \`catalog-gate.paused\` | only while an administrator has paused the gate: who, since when and why |
| \`catalog-gate.json\` | what is installed, and what was before: \`catalog-gate rollback\` goes by it |

The files are built and written here by \`catalog-gate install\`; do not edit them. Whoever can push to the default branch decides what runs on the
appliance at every push: protect it.
`
}

/** Ours, or GitHub's own of a repository that was made with one: its name and description, and nothing else. */
export function isOurReadme(text: string, repository: { fullName: string; description: string }): boolean {
  if (text.startsWith(MARK)) return true
  const name = repository.fullName.split('/')[1] ?? ''
  return (
    text.trim() === `# ${name}` || text.replace(/\s+/g, ' ').trim() === `# ${name} ${repository.description}`.trim()
  )
}
