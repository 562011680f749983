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
  try {
    return standingOf(JSON.parse(text), repository) === 'testing'
  } catch {
    return false
  }
}

/** What holds for a repository, as far as this is a stage. */
export function standingOf(stage: Partial<Record<keyof Stage, unknown>> | null, repository: string): unknown {
  const scopes = stage?.scopes
  const name = repository.toLowerCase()
  const below = [name, name.split('/')[0] ?? ''].map(scope =>
    typeof scopes === 'object' && scopes !== null && Object.hasOwn(scopes, scope)
      ? Reflect.get(scopes, scope)
      : undefined,
  )
  return below.find(one => one !== undefined) ?? stage?.everywhere
}
