import type { BackendFeature } from '@backstage/backend-plugin-api'

/** For `backend.add(import('backstage-plugin-catalog-backend-module-catalog-gate'))`. */
declare const catalogModuleCatalogGate: BackendFeature
// biome-ignore lint/style/noDefaultExport: what a backend adds is a default export
export default catalogModuleCatalogGate
