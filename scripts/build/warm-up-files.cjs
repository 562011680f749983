// Catalog files as people write them, for the runs that fill V8's code caches. Only good documents: what a refusal needs besides is compiled when
// there is one, and its share of the cache would slow down every run.
exports.good = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments
  namespace: default
  labels: { example.com/tier: "1" }
  annotations: { github.com/project-slug: acme/payments }
  tags: [java]
  links: [{ url: https://example.com, title: Home }]
spec: { type: service, lifecycle: production, owner: team-a, system: shop, dependsOn: [resource:db], providesApis: [pay] }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: pay }
spec: { type: openapi, lifecycle: production, owner: team-a, definition: { $text: ./openapi.yaml } }
`
