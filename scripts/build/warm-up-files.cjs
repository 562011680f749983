// Catalog files as people write them, for the runs that fill V8's code caches: good ones, and for a hook one that it refuses. That one's share of the
// cache costs a good push 0.4 ms, and saves a refused one 4; what other refusals need besides is compiled when there is one.
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

exports.bad = `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: payments api
  tags: [java]
spec:
  type: service
  lifecycle: production
  owner: team-a
`
