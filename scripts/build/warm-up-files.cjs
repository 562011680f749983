// Catalog files as people write them, for the runs that fill V8's code caches: good ones, and for a hook one that it refuses. That one's share of the
// cache costs a good push 0.4 ms, and saves a refused one 4; what other refusals need besides is compiled when there is one.
exports.good = `# Orders, and what they are made of.
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  namespace: default
  title: "Orders"
  description: >-
    Takes orders,
    and keeps them.
  labels: { example.com/tier: "1" }
  annotations:
    github.com/project-slug: acme/orders
    backstage.io/techdocs-ref: dir:.
  tags: [java, 'shop']
  links:
    - url: https://wiki.example.com/orders
      title: Wiki
    - { url: https://example.com, title: Home, icon: web }
spec:
  type: service
  lifecycle: production # since May
  owner: group:team-a
  system: shop
  dependsOn:
    - resource:default/orders-db
  providesApis: [take]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: take, description: How to order. }
spec:
  type: openapi
  lifecycle: production
  owner: team-a
  definition:
    $text: ./openapi.yaml
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
