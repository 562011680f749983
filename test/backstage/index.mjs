// A headless Backstage backend with the catalog and nothing that the catalog does not need.
import { createBackend } from '@backstage/backend-defaults'

const backend = createBackend()
backend.add(import('@backstage/plugin-catalog-backend'))
backend.add(import('@backstage/plugin-catalog-backend-module-github'))
backend.add(import('@backstage/plugin-events-backend'))
await backend.start()
