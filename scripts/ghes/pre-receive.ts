// Pre-receive environments and hooks: the routes of GHES's administration, with our own types.
import type { GhesRequests } from '../../relay/clients/ghes/client.ts'
import { complete, field, nothing, type Read } from '../../relay/clients/ghes/read.ts'
import { encodedPath } from '../../schemas/url-path.ts'

/** `not_started`, `in_progress`, `success`, `failed`; kept as a text, since a newer GHES may know more. */
export type Download = { state: string; message: string }

export type Environment = {
  id: number
  name: string
  imageUrl: string
  /** GHES's own, which can neither be changed nor deleted. */
  default: boolean
  hooksCount: number
  download: Download
}

/** `enabled` refuses pushes, `testing` runs the hook and ignores its exit status, `disabled` does not run it. */
export type Enforcement = 'enabled' | 'testing' | 'disabled'

export type Hook = {
  id: number
  name: string
  enforcement: Enforcement
  /** Path in the repository. */
  script: string
  /** OWNER/NAME */
  repository: string
  environment: { id: number; name: string }
  allowDownstream: boolean
}

export type HookValues = {
  name: string
  script: string
  repository: string
  environmentId: number
  enforcement: Enforcement
  allowDownstream: boolean
}

/** How a hook stands in an organisation or repository, and whether that was set there or comes from above. */
export type Standing = { enforcement: Enforcement; setHere: boolean; allowDownstream: boolean }

/** `orgs/ORG` or `repos/OWNER/NAME`. */
export type Scope = `orgs/${string}` | `repos/${string}/${string}`

const E = '/admin/pre-receive-environments'
const H = '/admin/pre-receive-hooks'

export function preReceiveApi(client: GhesRequests) {
  return {
    environments: {
      list: () => client.list(`GET ${E}`, {}, environmentIn),
      read: (id: number) => client.ask(`GET ${E}/{id}`, { id }, environmentIn),
      create: (name: string, imageUrl: string) => client.ask(`POST ${E}`, { name, image_url: imageUrl }, environmentIn),
      change: (id: number, imageUrl: string) =>
        client.ask(`PATCH ${E}/{id}`, { id, image_url: imageUrl }, environmentIn),
      remove: (id: number) => client.ask(`DELETE ${E}/{id}`, { id }, nothing),
      startDownload: (id: number) => client.ask(`POST ${E}/{id}/downloads`, { id }, downloadIn),
      download: (id: number) => client.ask(`GET ${E}/{id}/downloads/latest`, { id }, downloadIn),
    },
    hooks: {
      list: () => client.list(`GET ${H}`, {}, hookIn),
      create: (values: HookValues) => client.ask(`POST ${H}`, written(values), hookIn),
      change: (id: number, values: Partial<HookValues>) =>
        client.ask(`PATCH ${H}/{id}`, { id, ...written(values) }, hookIn),
      remove: (id: number) => client.ask(`DELETE ${H}/{id}`, { id }, nothing),
    },
    /** The hook as organisations and repositories see it. */
    scopes: {
      read: (scope: Scope, id: number) => client.ask(`GET ${at(scope)}/{id}`, { id }, standingIn(scope)),
      change: (scope: Scope, id: number, values: { enforcement: Enforcement; allowDownstream?: boolean }) =>
        client.ask(
          `PATCH ${at(scope)}/{id}`,
          {
            id,
            enforcement: values.enforcement,
            ...(values.allowDownstream === undefined ? {} : { allow_downstream_configuration: values.allowDownstream }),
          },
          standingIn(scope),
        ),
      /** Takes away what was set there: what is above holds again. */
      reset: (scope: Scope, id: number) => client.ask(`DELETE ${at(scope)}/{id}`, { id }, nothing),
    },
  }
}

export type PreReceiveApi = ReturnType<typeof preReceiveApi>

const at = (scope: Scope) => `/${encodedPath(scope)}/pre-receive-hooks`

const written = (values: Partial<HookValues>) => ({
  ...(values.name === undefined ? {} : { name: values.name }),
  ...(values.script === undefined ? {} : { script: values.script }),
  ...(values.repository === undefined ? {} : { script_repository: { full_name: values.repository } }),
  ...(values.environmentId === undefined ? {} : { environment: { id: values.environmentId } }),
  ...(values.enforcement === undefined ? {} : { enforcement: values.enforcement }),
  ...(values.allowDownstream === undefined ? {} : { allow_downstream_configuration: values.allowDownstream }),
})

const environmentIn: Read<Environment> = data =>
  complete<Environment>({
    id: field(data, 'id', 'number'),
    name: field(data, 'name', 'text'),
    imageUrl: field(data, 'image_url', 'text'),
    default: field(data, 'default_environment', 'boolean') ?? false,
    hooksCount: field(data, 'hooks_count', 'number') ?? 0,
    download: downloadIn(field(data, 'download', 'map')),
  })

const downloadIn: Read<Download> = data => {
  const state = field(data, 'state', 'text')
  return state === undefined ? undefined : { state, message: field(data, 'message', 'text') ?? '' }
}

const hookIn: Read<Hook> = data => {
  const environment = field(data, 'environment', 'map')
  return complete<Hook>({
    id: field(data, 'id', 'number'),
    name: field(data, 'name', 'text'),
    enforcement: enforcementIn(data),
    script: field(data, 'script', 'text'),
    // Of a hook whose repository was deleted there may be none.
    repository: field(field(data, 'script_repository', 'map'), 'full_name', 'text') ?? '',
    environment: complete({ id: field(environment, 'id', 'number'), name: field(environment, 'name', 'text') }),
    allowDownstream: field(data, 'allow_downstream_configuration', 'boolean') ?? false,
  })
}

/** `configuration_url` names the place where the enforcement was set. */
const standingIn =
  (scope: Scope): Read<Standing> =>
  data =>
    complete<Standing>({
      enforcement: enforcementIn(data),
      setHere: (field(data, 'configuration_url', 'text') ?? '').toLowerCase().includes(`/${scope.toLowerCase()}/`),
      allowDownstream: field(data, 'allow_downstream_configuration', 'boolean') ?? false,
    })

function enforcementIn(data: unknown): Enforcement | undefined {
  const text = field(data, 'enforcement', 'text')
  return text === 'enabled' || text === 'testing' || text === 'disabled' ? text : undefined
}
