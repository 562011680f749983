// The file beside the hooks that says where GHES refuses by them already: `install` and `promote` write it, and a hook reads it when it has an error to report.
//
// A hook is not told how GHES runs it: in testing its exit status does not count, and the push lands.

export const STAGE_FILE = 'catalog-gate.stage.json'

type Enforcement = 'enabled' | 'testing' | 'disabled'

/** What holds everywhere, and what holds below: `acme`, `acme/web`, in lower case. */
export type Stage = { everywhere: Enforcement; scopes: Record<string, Enforcement> }

export function writeStage({ everywhere, scopes }: Stage): string {
  const sorted = Object.entries(scopes).sort(([one], [other]) => (one < other ? -1 : 1))
  return `${JSON.stringify({ everywhere, scopes: Object.fromEntries(sorted) }, null, 2)}\n`
}

/** Whether a push to a repository lands whatever the hook says. Only where the file says so for certain: a hook without it is taken for an enforced one. */
export function isInTesting(text: string, repository: string): boolean {
  let stage: Partial<Record<keyof Stage, unknown>> | null
  try {
    stage = JSON.parse(text)
  } catch {
    return false
  }
  const scopes = stage?.scopes
  const name = repository.toLowerCase()
  const below = [name, name.split('/')[0] ?? ''].map(scope =>
    typeof scopes === 'object' && scopes !== null && Object.hasOwn(scopes, scope)
      ? Reflect.get(scopes, scope)
      : undefined,
  )
  return (below.find(one => one !== undefined) ?? stage?.everywhere) === 'testing'
}
