// A headless Backstage backend with the catalog and nothing that the catalog does not need; BACKSTAGE_MODULES names what else, by commas.
import { createBackend } from '@backstage/backend-defaults'

const backend = createBackend()
backend.add(import('@backstage/plugin-catalog-backend'))
backend.add(import('@backstage/plugin-catalog-backend-module-github'))
backend.add(import('@backstage/plugin-events-backend'))
for (const name of (process.env.BACKSTAGE_MODULES ?? '').split(',').filter(Boolean)) backend.add(import(name))
await backend.start()
