import type { BackendFeature } from '@backstage/backend-plugin-api'

/** For `backend.add(import('backstage-plugin-catalog-backend-module-catalog-gate/sign-in'))`, in the place of the GitHub provider's module. */
declare const authModuleCatalogGate: BackendFeature
// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default authModuleCatalogGate
