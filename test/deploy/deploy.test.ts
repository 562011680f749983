// What relay/deploy offers: manifests render and agree with the relay, the unit is tight, rules and dashboard name what there is, the image runs.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig, type RelayConfig } from '../../relay/config/relay-config.ts'
import { METRIC_PREFIX, METRICS } from '../../relay/watch/metrics.ts'
import { HOOK_SECRET } from '../support/relay-process.ts'
import { imagesIn, run } from './images.ts'

const root = join(import.meta.dirname, '../..')
const deploy = join(root, 'relay/deploy')
const read = (file: string) => readFileSync(join(deploy, file), 'utf8')

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'catalog-gate-deploy-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The configuration as the relay reads it, its secret files in a folder of the test's instead of `from`. */
function configOf(t: TestContext, text: string, from: string): RelayConfig {
  const folder = temporary(t)
  const secrets: Record<string, string> = {
    'hook.secret': HOOK_SECRET,
    'webhook.secret': 'w',
    'admin.token': 'a',
    'ghe.token': 'g',
    'backstage.token': 'b',
    'postgres.url': 'postgres://relay:p@db.example.com:5432/relay',
  }
  for (const [name, secret] of Object.entries(secrets)) writeFileSync(join(folder, name), secret, { mode: 0o640 })
  const file = join(folder, 'relay.yaml')
  writeFileSync(file, text.replaceAll(from, folder))
  const env = { CREDENTIALS_DIRECTORY: folder, STATE_DIRECTORY: '/var/lib/catalog-gate' }
  const loaded = loadConfig(file, { env, now: Date.now, onTrouble: message => assert.fail(message) })
  assert.ok(loaded.result === 'config', JSON.stringify(loaded))
  return loaded.config
}

type Manifest = {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  data?: Record<string, string>
  spec?: unknown
}
type Container = {
  args: string[]
  ports: { name: string; containerPort: number }[]
  volumeMounts: { name: string; mountPath: string }[]
  securityContext: Record<string, unknown>
  [probe: `${string}Probe`]: { httpGet: { path: string; port: string } }
}
type Pods = {
  replicas: number
  strategy: { type: string }
  selector: { matchLabels: Record<string, string> }
  template: {
    metadata: { labels: Record<string, string> }
    spec: {
      containers: [Container]
      volumes: { name: string; configMap?: { name: string } }[]
      securityContext: Record<string, unknown>
    }
  }
}

function rendered(path: string): Manifest[] {
  const documents = parseAllDocuments(run('kubectl', ['kustomize', join(deploy, 'kustomize', path)]))
  assert.ok(Array.isArray(documents) && documents.length > 5)
  return documents.map(document => {
    assert.deepEqual(document.errors, [])
    return document.toJS() as Manifest
  })
}

function one(manifests: Manifest[], kind: string): Manifest {
  const [found, ...more] = manifests.filter(manifest => manifest.kind === kind)
  assert.ok(found && more.length === 0, `one ${kind}`)
  return found
}

for (const path of ['base', 'overlays/postgres']) {
  test(`kustomize ${path}: what is rendered agrees with itself and with the relay`, t => {
    const manifests = rendered(path)
    for (const { kind, metadata } of manifests)
      if (kind !== 'Namespace') assert.equal(metadata.namespace, 'catalog-gate', kind)
    const pods = one(manifests, 'Deployment').spec as Pods
    const [container] = pods.template.spec.containers
    const config = one(manifests, 'ConfigMap')

    // Its own configuration, at the place that the arguments name.
    const named = pods.template.spec.volumes.find(volume => volume.configMap)
    assert.equal(named?.configMap?.name, config.metadata.name)
    const mount = container.volumeMounts.find(({ name }) => name === named?.name)
    assert.deepEqual(container.args, ['--config', join(mount?.mountPath ?? '', 'relay.yaml')])
    const relay = configOf(t, config.data?.['relay.yaml'] ?? '', '/etc/catalog-gate/secrets')
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))
    assert.deepEqual(ports, { listen: relay.listen.port, admin: relay.admin.port })
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
      assert.ok(['/healthz', '/readyz'].includes(container[probe]?.httpGet.path ?? ''), probe)
      assert.equal(container[probe]?.httpGet.port, 'listen')
    }
    for (const volume of pods.template.spec.volumes)
      assert.ok(
        container.volumeMounts.some(({ name }) => name === volume.name),
        volume.name,
      )
    for (const { name } of container.volumeMounts)
      assert.ok(
        pods.template.spec.volumes.some(volume => volume.name === name),
        name,
      )

    // Whoever selects pods selects these.
    const labels = pods.template.metadata.labels
    const selecting = manifests.filter(({ kind }) => ['Service', 'PodDisruptionBudget', 'NetworkPolicy'].includes(kind))
    for (const { kind, spec } of selecting) {
      const { selector, podSelector } = spec as {
        selector?: Record<string, unknown>
        podSelector?: Record<string, unknown>
      }
      const wanted =
        (kind === 'Service' ? selector : ((selector ?? podSelector)?.['matchLabels'] as Record<string, unknown>)) ?? {}
      assert.ok(Object.keys(wanted).length > 0, `${kind} selects everything`)
      for (const [label, value] of Object.entries(wanted)) assert.equal(labels[label], value, `${kind} ${label}`)
    }
    assert.deepEqual(pods.selector.matchLabels, labels)

    assert.equal(container.securityContext['readOnlyRootFilesystem'], true)
    assert.equal(container.securityContext['allowPrivilegeEscalation'], false)
    assert.equal(pods.template.spec.securityContext['runAsNonRoot'], true)
    assert.doesNotMatch(JSON.stringify(manifests), /\$patch|\$retainKeys/)

    if (path === 'base') {
      assert.deepEqual([pods.replicas, pods.strategy.type, relay.store.kind], [1, 'Recreate', 'sqlite'])
      const data = container.volumeMounts.find(({ name }) => name === 'data')
      assert.ok(relay.store.kind === 'sqlite' && relay.store.path.startsWith(`${data?.mountPath}/`))
      one(manifests, 'PersistentVolumeClaim')
    } else {
      assert.deepEqual([pods.replicas, pods.strategy.type, relay.store.kind], [3, 'RollingUpdate', 'postgres'])
      assert.ok(manifests.every(({ kind }) => kind !== 'PersistentVolumeClaim'))
      one(manifests, 'PodDisruptionBudget')
    }
  })
}

test('systemd: the unit’s configuration is the relay’s, its secrets are handed over, and it is tight', t => {
  const unit = read('catalog-gate-relay.service')
  const config = configOf(t, read('relay.systemd.yaml'), '/nowhere')
  assert.deepEqual(config.store, { kind: 'sqlite', path: '/var/lib/catalog-gate/relay.db' })
  const handed = [...unit.matchAll(/^LoadCredential=([^:]+):/gm)].map(([, name]) => name)
  const named = [...read('relay.systemd.yaml').matchAll(/\{CREDENTIALS_DIRECTORY\}\/([\w.]+)/g)].map(([, name]) => name)
  assert.deepEqual(handed.toSorted(), named.toSorted())
  const folder = temporary(t)
  // verify wants the program to be there.
  const checked = join(folder, 'catalog-gate-relay.service')
  writeFileSync(checked, unit.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'))
  run('systemd-analyze', ['verify', checked])
  run('systemd-analyze', ['security', '--offline=true', '--threshold=20', checked]) // 2.0 of 10; fails above
})

test('compose: the configuration is the relay’s, and every file that it names is mounted', t => {
  const { services } = parse(read('compose.yaml')) as {
    services: Record<string, { volumes: string[]; ports?: string[]; read_only?: boolean; user?: string }>
  }
  const relay = services['relay']
  assert.ok(relay?.read_only && relay.user === '65532:65532')
  const mounts = relay.volumes.map(volume => volume.split(':'))
  const config = configOf(t, read('relay.container.yaml'), '/run/secrets')
  for (const path of ['/etc/catalog-gate/relay.yaml', '/run/secrets', '/data'])
    assert.ok(
      mounts.some(([, inside]) => inside === path),
      path,
    )
  assert.ok(config.store.kind === 'sqlite' && config.store.path.startsWith('/data/'))
  assert.deepEqual(relay.ports, [`8080:${config.listen.port}`, `127.0.0.1:9090:${config.admin.port}`])
})

test('rules and dashboard: every metric and label that they name is one of ours', () => {
  run('promtool', ['check', 'rules', join(deploy, 'prometheus/alerts.yaml')])
  const texts = [read('prometheus/alerts.yaml'), read('grafana/dashboard.json').replaceAll('\\"', '"')]
  const histograms = Object.entries(METRICS).flatMap(([name, { type }]) =>
    type === 'histogram' ? [`${name}_bucket`] : [],
  )
  const known = new Set([...Object.keys(METRICS), ...histograms])
  for (const text of texts) {
    const named = [...text.matchAll(new RegExp(`${METRIC_PREFIX}(\\w+)(?:\\{([^}]*)\\})?`, 'g'))]
    assert.ok(named.length > 8)
    for (const [, name = '', labels = ''] of named) {
      assert.ok(known.has(name), `no metric ${METRIC_PREFIX}${name}`)
      const { labels: own } = METRICS[name.replace(/_bucket$/, '') as keyof typeof METRICS]
      for (const [, label = ''] of labels.matchAll(/(\w+)\s*[!=]~?=?"/g))
        assert.ok((own as readonly string[]).includes(label), `${name} has no label ${label}`)
    }
  }
  const { panels } = JSON.parse(read('grafana/dashboard.json')) as { panels: { id: number; targets: unknown[] }[] }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  assert.ok(panels.every(({ targets }) => targets.length > 0))
})

test('the image, on a base with this Node: runs as 65532 on a read-only root, healthy, and ends on SIGTERM', async t => {
  const { buildah, build } = imagesIn(t, temporary(t))
  build('localhost/relay', join(deploy, 'Dockerfile'), ['dist/relay.mjs'])
  const { OCIv1, Docker } = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/relay')) as {
    OCIv1: { config: { User: string; Entrypoint: string[]; Cmd: string[]; Volumes: object } }
    Docker: unknown
  }
  assert.ok(Docker)
  assert.equal(OCIv1.config.User, '65532:65532')
  assert.deepEqual(
    [...OCIv1.config.Entrypoint, ...OCIv1.config.Cmd],
    ['/nodejs/bin/node', '/app/relay.mjs', '--config', '/etc/catalog-gate/relay.yaml'],
  )
  assert.deepEqual(Object.keys(OCIv1.config.Volumes), ['/data'])

  // buildah's own "run" would need more of a container than there is here: the image's root is entered as a container engine enters it.
  const image = buildah('from', 'localhost/relay')
  const mounted = buildah('mount', image)
  for (const [path, text] of [
    [
      'etc/catalog-gate/relay.yaml',
      read('relay.container.yaml').replace('0.0.0.0:8080', '127.0.0.1:0').replace('0.0.0.0:9090', '127.0.0.1:0'),
    ],
    ['run/secrets/hook.secret', HOOK_SECRET],
    ...['webhook.secret', 'admin.token', 'ghe.token', 'backstage.token'].map(
      name => [`run/secrets/${name}`, 'x'] as const,
    ),
  ] as const) {
    mkdirSync(dirname(join(mounted, path)), { recursive: true })
    writeFileSync(join(mounted, path), text, { mode: path.startsWith('run') ? 0o640 : 0o644 })
  }
  const script = `mount --bind "$1" "$1" && mkdir -p "$1/data" && mount -o remount,ro,bind "$1" && mount -t tmpfs -o mode=0700,uid=65532,gid=65532 data "$1/data" && exec chroot --userspec=65532:65532 --groups=0 "$1" /nodejs/bin/node /app/relay.mjs --config /etc/catalog-gate/relay.yaml`
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, '-', mounted], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let out = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
      const admin = /"admin":"([^"]+)"/.exec(out)?.[1]
      if (admin) resolve(admin)
    })
    child.once('exit', status => reject(new Error(`ended with ${status}: ${errors}${out}`)))
  })
  const admin = await listening
  assert.equal((await fetch(`${admin}/readyz`)).status, 200)
  assert.match(readFileSync(`/proc/${child.pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m)
  child.kill('SIGTERM')
  const [status] = (await once(child, 'exit')) as [number | null]
  assert.equal(status, 0)
})
