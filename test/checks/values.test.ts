// Warnings about values and keys that the catalog takes and nobody can use: what fires, whose hint mends it, and what does not.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what some tool fills in
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkFile, type Rules } from '../../hooks/catalog/file.ts'
import { plainInstallation } from '../../hooks/config/hook-config.ts'
import { profile } from '../../schemas/compiled/builtin.mjs'

const rules: Rules = { profile, installation: plainInstallation, repository: {}, severities: {}, helpUrl: '' }
const head = 'apiVersion: backstage.io/v1alpha1\n'
const component = (spec = '', metadata = '', owner = 'team-a') =>
  `${head}kind: Component\nmetadata:\n  name: shop\n${metadata}spec:\n  type: service\n  lifecycle: production\n  owner: ${owner}\n${spec}`
const api = (definition: string) =>
  `${head}kind: API\nmetadata:\n  name: shop\nspec:\n  type: openapi\n  lifecycle: production\n  owner: team-a\n  definition: ${definition}\n`
const annotated = (line: string) => component('', `  annotations:\n    ${line}\n`)

function check(yaml: string | Uint8Array, more: Partial<Rules> = {}) {
  const checked = checkFile('catalog-info.yaml', Buffer.from(yaml), { ...rules, ...more })
  assert.ok(
    checked.documents.every(({ status }) => status === 'accepted'),
    'a warning changes no verdict',
  )
  return checked.diagnostics
}

const told = (yaml: string | Uint8Array, more: Partial<Rules> = {}) =>
  check(yaml, more).map(({ code, severity, hint }) => `${severity} ${code}: ${hint ?? ''}`)

/** What the hint says is written, and then nothing is left to be said. */
function mends(yaml: string, finding: string, mended: string): void {
  assert.deepEqual(told(yaml), [`warning ${finding}`])
  assert.deepEqual(told(mended), [])
}

suite('misspelt-annotation', () => {
  for (const [key, meant] of [
    ['backstage.io/techdoc-ref', 'backstage.io/techdocs-ref'],
    ['backstage.io/TechDocs-Ref', 'backstage.io/techdocs-ref'],
    ['backstage.io.techdocs-ref', 'backstage.io/techdocs-ref'],
    ['techdocs-ref', 'backstage.io/techdocs-ref'],
    ['backstage/kubernetes-id', 'backstage.io/kubernetes-id'],
    ['github.com/projectslug', 'github.com/project-slug'],
    ['sonarqube.com/project-key', 'sonarqube.org/project-key'],
    ['jenkins.io/job-fullname', 'jenkins.io/job-full-name'],
  ] as const) {
    test(key, () => {
      const value = meant.endsWith('ref') ? 'dir:.' : 'a/b'
      mends(
        annotated(`${key}: ${value}`),
        `misspelt-annotation: did you mean "${meant}"?`,
        annotated(`${meant}: ${value}`),
      )
    })
  }
  test('keys of others, of an own server, and one beside the right one are left alone', () => {
    for (const key of [
      ...['example.com/tier', 'gitea.com/project-slug', 'gitlab.acme.com/project-slug', 'project-slug', 'docs'],
      ...['github.com/dependabot', 'jira/component', 'argocd/app-namespace', 'backstage.io/managed-by'],
    ])
      assert.deepEqual(told(annotated(`${key}: a/b`)), [], key)
    const both = annotated('backstage.io/techdocs-ref: dir:.\n    backstage.io/techdoc-ref: dir:.')
    assert.deepEqual(told(both), [])
  })
})

suite('misplaced-field', () => {
  const move = (where: string) => `misplaced-field: move it, with what is below it, under ${where}`
  test('an annotation one step too far left, each of them', () => {
    const wrong = component(
      '',
      '  annotations:\n    example.com/a: b\n  github.com/project-slug: acme/shop\n  acme.io/tier: 1\n',
    )
    assert.deepEqual(told(wrong), [
      `warning ${move('metadata.annotations')}`,
      `warning ${move('metadata.annotations')}`,
    ])
    assert.deepEqual(
      check(wrong).map(({ line, column }) => `${line}:${column}`),
      ['7:3', '8:3'],
    )
  })
  test('under spec, and among the labels', () => {
    mends(component('  tags: [web]\n'), move('metadata'), component('', '  tags: [web]\n'))
    mends(component('  annotations:\n    a: b\n'), move('metadata'), annotated('a: b'))
    mends(
      component('  links:\n    - url: https://a.test\n'),
      move('metadata'),
      component('', '  links:\n    - url: https://a.test\n'),
    )
    mends(component('  acme.io/tier: gold\n'), move('metadata.annotations'), annotated('acme.io/tier: gold'))
    const label = component('', '  labels:\n    backstage.io/kubernetes-id: shop\n')
    mends(label, move('metadata.annotations'), annotated('backstage.io/kubernetes-id: shop'))
  })
  test('fields of their own are left alone', () => {
    assert.deepEqual(told(component('  tags: many\n  description: x\n', '  cost.center: 5\n  a/b: c\n')), [])
    assert.deepEqual(told(component('', '  labels:\n    acme.io/tier: gold\n')), [])
  })
})

suite('annotation-value', () => {
  const docs = 'annotation-value: write "dir:" and a folder, or "url:" and a URL, or remove the line'
  for (const [key, wrong, hint, right] of [
    ['github.com/project-slug', 'https://ghe.example.com/acme/shop', 'write "acme/shop"', 'acme/shop'],
    ['github.com/project-slug', 'git@ghe.example.com:acme/shop.git', 'write "acme/shop"', 'acme/shop'],
    ['github.com/project-slug', 'shop', 'write owner/name, or remove the line', 'acme/shop'],
    [
      'github.com/project-slug',
      'https://ghe.example.com/acme/shop/tree/main',
      'write owner/name, or remove the line',
      'acme/shop',
    ],
    ['gitlab.com/project-slug', 'https://gitlab.com/acme/web/shop', 'write "acme/web/shop"', 'acme/web/shop'],
    ['backstage.io/techdocs-ref', './docs', 'write "dir:./docs"', 'dir:./docs'],
    [
      'backstage.io/techdocs-ref',
      'https://ghe.example.com/acme/shop',
      'write "url:https://ghe.example.com/acme/shop"',
      'url:https://ghe.example.com/acme/shop',
    ],
    [
      'backstage.io/techdocs-ref',
      'github:https://github.com/acme/shop',
      'write "url:https://github.com/acme/shop"',
      'url:https://github.com/acme/shop',
    ],
    [
      'backstage.io/source-location',
      'https://ghe.example.com/acme/shop',
      'write "url:https://ghe.example.com/acme/shop/"',
      'url:https://ghe.example.com/acme/shop/',
    ],
    [
      'backstage.io/source-location',
      'https://ghe.example.com/acme/shop/blob/main/a',
      'write "url:https://ghe.example.com/acme/shop/blob/main/a"',
      'url:https://ghe.example.com/acme/shop/blob/main/a',
    ],
    ['github.com/project-slug', 'ghe.example.com/acme/shop', 'write "acme/shop"', 'acme/shop'],
    ['github.com/project-slug', 'acme/shop.git', 'write "acme/shop"', 'acme/shop'],
    ['github.com/project-slug', '/acme / shop/', 'write "acme/shop"', 'acme/shop'],
    ['github.com/user-login', '"@mona"', 'write "mona"', 'mona'],
    ['backstage.io/techdocs-ref', 'Dir:docs', 'write "dir:docs"', 'dir:docs'],
    ['backstage.io/techdocs-ref', 'url:./docs', 'write "dir:./docs"', 'dir:./docs'],
    ['backstage.io/techdocs-ref', 'dir:https://a.test/x', 'write "url:https://a.test/x"', 'url:https://a.test/x'],
    ['backstage.io/techdocs-entity', 'shop', 'write kind:namespace/name, or remove the line', 'component:default/shop'],
    ['backstage.io/view-url', 'url:https://a.test/x', 'write "https://a.test/x"', 'https://a.test/x'],
    ['backstage.io/edit-url', './x', 'write a URL, or remove the line', 'https://a.test/x'],
    [
      'backstage.io/source-location',
      'git@ghe.example.com:acme/shop.git',
      'write "url:https://ghe.example.com/acme/shop/"',
      'url:https://ghe.example.com/acme/shop/',
    ],
    ['backstage.io/source-location', 'URL:https://a.test/x/', 'write "url:https://a.test/x/"', 'url:https://a.test/x/'],
    [
      'backstage.io/source-location',
      'acme/shop',
      'write "url:" and a URL, or remove the line',
      'url:https://ghe.example.com/acme/shop/',
    ],
  ] as const) {
    test(`${key}: ${wrong}`, () =>
      mends(annotated(`${key}: ${wrong}`), `annotation-value: ${hint}`, annotated(`${key}: ${right}`)))
  }
  test('what is right, what a tool fills in, and what nobody reads here', () => {
    for (const line of [
      ...[
        'backstage.io/techdocs-ref: url:https://a.test/',
        'backstage.io/techdocs-ref: " url: https://a.test/"',
        'backstage.io/source-location: "url: https://a.test/"',
        'backstage.io/source-location: file:/a',
        'sentry.io/project-slug: shop',
      ],
      ...[
        'github.com/project-slug: ${{ values.slug }}',
        'backstage.io/techdocs-ref: ""',
        'backstage.io/view-url: https://a.test',
      ],
    ])
      assert.deepEqual(told(annotated(line)), [], line)
    const installation = { ...plainInstallation, techdocs: 'external' as const }
    assert.deepEqual(told(annotated('backstage.io/techdocs-ref: docs')), [
      `warning ${docs.replace(/write.*/, 'write "dir:docs"')}`,
    ])
    assert.deepEqual(told(annotated('backstage.io/techdocs-ref: docs'), { installation }), [])
  })
})

suite('placeholder-as-text', () => {
  const way = 'write below "definition:", on a line of its own and indented: $text: ./openapi.yaml'
  for (const text of [
    './openapi.yaml',
    '$text:./openapi.yaml',
    '$text ./openapi.yaml',
    '"$text: ./openapi.yaml"',
    'file:./openapi.yaml',
  ])
    test(text, () => mends(api(text), `placeholder-as-text: ${way}`, api('\n    $text: ./openapi.yaml')))
  test('by URL the file is wanted first', () =>
    assert.deepEqual(told(api('https://a.test/v1/openapi.yaml')), [
      `warning placeholder-as-text: put the file into this repository and ${way}`,
    ]))
  test('a name without a path, and the same at another place', () => {
    assert.deepEqual(told(api('schema.graphql')), [
      `warning placeholder-as-text: ${way.replace('./openapi.yaml', 'schema.graphql')}`,
    ])
    assert.deepEqual(told(component('', '  description: $text:./about.md\n')), [
      'warning placeholder-as-text: write below "description:", on a line of its own and indented: $text: ./about.md',
    ])
  })
  test('definitions, words with a dollar, and what a template does', () => {
    for (const text of ['"openapi: 3.0.0"', 'to be written', '|\n    ./a.yaml\n    ./b.yaml'])
      assert.deepEqual(told(api(text)), [], text)
    assert.deepEqual(told(component('', '  description: $total amount\n  about: $text\n')), [])
    const template =
      'apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: x\nspec:\n  type: a\n  steps:\n    - action: "$text: ./a"\n'
    assert.deepEqual(told(template), [])
  })
})

suite('impossible-ref', () => {
  const named = 'write the metadata.name of the Group'
  for (const [owner, hint, right] of [
    ['Team Payments', `${named}, for example "team-payments"`, 'team-payments'],
    ['sam@example.com', `${named}, or "user:sam"`, 'user:sam'],
    ['<team>', named, 'team-a'],
    ['payments, orders', named, 'payments'],
    ['"@acme/payments"', `${named}, for example "payments"`, 'payments'],
    ['group:default:web', 'write "group:default/web"', 'group:default/web'],
    ['"group: web"', 'write "group:web"', 'group:web'],
    ['" web "', 'write "web"', 'web'],
    ['group:Über Team', `${named.replace('G', 'g')}, for example "group:uber-team"`, 'web'],
  ] as const) {
    test(owner, () => mends(component('', '', owner), `impossible-ref: ${hint}`, component('', '', right)))
  }
  test('in a list, each; what the kind has no default for is named by its own', () => {
    assert.deepEqual(told(component("  dependsOn: ['component: cart', 'resource:my db']\n")), [
      'warning impossible-ref: write "component:cart"',
      'warning impossible-ref: write the metadata.name of the resource, for example "resource:my-db"',
    ])
  })
  test('any case, and what a tool fills in', () => {
    for (const owner of ['Group:Default/Team_A.b', 'acme/web', '"${{ values.owner }}"'])
      assert.deepEqual(told(component('', '', owner)), [], owner)
  })
})

suite('unfilled-variable', () => {
  const hint = 'unfilled-variable: write the value itself'
  for (const owner of [
    ...['${OWNER}', '$OWNER', '$(OWNER)', '"%OWNER%"', '__OWNER__', '"@owner@"', '<%= owner %>', 'team-${ENV:-a}'],
    'group:#{TEAM}',
  ])
    test(owner, () => mends(component('', '', owner), hint, component('', '', 'team-a')))
  test('each, in addresses as part of them, in prose only as all of it', () => {
    const yaml = component(
      '  system: $SYSTEM\n',
      '  title: ${TITLE}\n  links: [{ url: "https://a.b/${X}", title: $X }]\n',
    )
    assert.deepEqual(told(yaml), Array(4).fill(`warning ${hint}`))
    const slug = (value: string) => annotated(`github.com/project-slug: ${value}`)
    mends(slug('acme/${REPO}'), hint, slug('acme/shop'))
  })
  test('what a template fills in, prose that speaks of variables, other annotations, and names like these', () => {
    for (const owner of ['"${{ values.owner }}"', 'team__a__b'])
      assert.deepEqual(told(component('', '', owner)), [], owner)
    assert.deepEqual(told(component('', '  description: set ${HOME} first\n  title: The $HOME of all\n')), [])
    assert.deepEqual(told(annotated('acme.io/query: $job')), [])
  })
})

suite('nested-entity', () => {
  const second =
    'apiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata:\n  name: db\nspec:\n  type: database\n  owner: team-a\n'
  const indented = second.replace(/^/gm, '  ').trimEnd()
  test('a second entity, and what is told to be done with it', () => {
    const way = 'nested-entity: write a line "---" before it, and move it and all below it to the left edge'
    mends(component(`${indented}\n`), way, `${component()}---\n${second}`)
  })
  test('metadata or spec below metadata or spec', () => {
    const way = (name: string) => `nested-entity: move what is below it under the "${name}:" at the left edge`
    mends(component('  metadata:\n    title: A\n'), way('metadata'), component('', '  title: A\n'))
    mends(component('', '  metadata:\n    title: A\n'), way('metadata'), component('', '  title: A\n'))
    mends(component('  spec:\n    system: a\n'), way('spec'), component('  system: a\n'))
  })
  test('data of their own with the same names, and templates', () => {
    assert.deepEqual(told(component('  kind: x\n  metadata:\n    size: 3\n  spec: small\n')), [])
    const template = `apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t\nspec:\n  type: service\n  steps: []\n${indented}\n`
    assert.deepEqual(told(template), [])
  })
})

suite('invisible-character', () => {
  test('in a reference: pointed at, named, and told once', () => {
    const yaml = component('', '', 'team-a\u200b')
    mends(yaml, 'invisible-character: write "team-a"', component())
    const [finding] = check(yaml)
    assert.deepEqual([finding?.line, finding?.column, finding?.endColumn], [8, 16, 17])
    assert.match(finding?.message ?? '', /a zero width space \(U\+200B\).*"team-a\\u200b"/)
    mends(component('', '', '"\u00a0team-a"'), 'invisible-character: write "team-a"', component())
  })
  test('what is no reference without it either is told as that', () => {
    assert.deepEqual(told(component('', '', 'Team\u00a0Web')), [
      'warning impossible-ref: write the metadata.name of the Group, for example "team-web"',
    ])
  })
  test('in an annotation, a type, a target', () => {
    mends(annotated('a: b/c\ufeff'), 'invisible-character: write "b/c"', annotated('a: b/c'))
    assert.deepEqual(told(component().replace('service', 'ser\u00advice')), [
      'warning invisible-character: write "service"',
    ])
    const location = `${head}kind: Location\nmetadata:\n  name: x\nspec:\n  targets: [./a.yaml\u200b]\n`
    assert.deepEqual(told(location), ['warning invisible-character: write "./a.yaml"'])
  })
  test('a NUL anywhere, however it is written, which PostgreSQL cannot store', () => {
    for (const line of ['title: "a\\0"', 'description: "a b\\x00"', 'other: ["a\\u0000 b"]', 'other: a\0'])
      assert.deepEqual(told(component('', `  ${line}\n`)), ['warning invisible-character: remove it'], line)
  })
  test('texts for people, pictures, other scripts, escapes and comments may have them', () => {
    const people = '  title: Shop\u00a0\u200b\n  description: un\u00a0panier\u00a0!\n'
    assert.deepEqual(told(component('', people)), [])
    for (const line of [
      'a: "10\u00a0Go par jour"',
      'a: \u{1f468}\u200d\u{1f4bb}',
      'a: می\u200cخواهم',
      'a: "b\\u200b"',
      'a: b # c\u200b',
    ])
      assert.deepEqual(told(annotated(line)), [], line)
  })
})

suite('not-utf-8', () => {
  const latin1 = (yaml: string) => Buffer.from(yaml, 'latin1')
  test('once a file, at its first byte in a value', () => {
    const text = component('', '  # f\u00fcr\n  description: f\u00fcr\n')
    const [finding, ...more] = check(
      latin1(`${component()}---\n${component('', '  description: f\u00fcr alle\n')}---\n${text}`),
    )
    assert.deepEqual(
      [finding?.code, finding?.line, finding?.column, finding?.hint],
      ['not-utf-8', 14, 17, 'save the file as UTF-8'],
    )
    assert.match(finding?.message ?? '', /the byte 0xfc/)
    assert.deepEqual(more, [])
  })
  test('in a comment it harms nobody, and the replacement character itself is UTF-8', () => {
    assert.deepEqual(told(latin1(`# f\u00fcr\n${component()}`)), [])
    assert.deepEqual(told(component('', '  description: f\ufffdr\n')), [])
  })
  test('raised to an error it refuses the document', () => {
    const checked = checkFile('a.yaml', latin1(component('', '  description: f\u00fcr\n')), {
      ...rules,
      severities: { 'not-utf-8': 'error' },
    })
    assert.equal(checked.documents[0]?.status, 'rejected')
  })
})
