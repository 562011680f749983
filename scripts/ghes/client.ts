// The client of GHES as a site administrator's commands open it.
import { type GhesClient, openGhesClient } from '../../relay/clients/ghes/client.ts'
import { tokenCredential } from '../../relay/clients/ghes/credential.ts'
import { administratorRemedies } from './remedies.ts'

/** As install.yaml has it. */
export type AdministratorAccess = { apiBaseUrl: string; token: () => string; ca?: string }

export function openAdministratorClient(
  { apiBaseUrl, token, ca }: AdministratorAccess,
  options: { now: () => number; timeoutMs?: number },
): GhesClient {
  return openGhesClient({
    baseUrl: apiBaseUrl,
    credential: tokenCredential(token),
    remedies: administratorRemedies(token),
    ...(ca === undefined ? {} : { ca }),
    ...options,
  })
}
