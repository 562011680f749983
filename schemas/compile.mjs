// Compiles the JSON Schemas, Backstage's and our own, into plain validator functions in schemas/compiled/.
//
// Compiling at run time costs 3.9 × a bare Node start, compiled ahead 1.4 × (measured, Node 20), and the hook pays it on every push.
// Plain JavaScript, so that the scripts that need the result can import it under any Node.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { fieldsOf } from './schema-fields.mjs'

const require = createRequire(import.meta.url)
const { default: Ajv } = require('ajv')
const standaloneCode = require('ajv/dist/standalone').default
const root = new URL('.', import.meta.url)
const target = new URL('compiled/', root)

/** Backstage's two wirings: the built-in kinds alone, and a catalog model as module-ai-model installs it. */
const PROFILES = ['builtin', 'model']

/** The versions of every kind in a profile, each with its flat schema. `from` finds the packages: another installation's, say. */
export function kindsOf(name, from = require) {
  // The ES module build of catalog-model 1.10.3 does not load in Node ("lodash/isEqual" without an extension): take the CommonJS one.
  const model = from('@backstage/catalog-model/alpha')
  const scaffolder = from('@backstage/plugin-scaffolder-common/alpha')
  const layers = {
    builtin: [model.defaultCatalogEntityModel],
    model: [model.defaultCatalogEntityModel, model.aiResourceEntityModel, model.mcpServerApiEntityModel],
  }
  const catalog = model.compileCatalogModel([...layers[name], scaffolder.scaffolderCatalogModelLayer])
  return catalog.listKinds().map(({ names: { kind }, versions }) => ({
    kind,
    versions: versions.map(({ apiVersion, specType }) => {
      const found = catalog.getKind({ kind, apiVersion, spec: specType === undefined ? {} : { type: specType } })
      return {
        apiVersion,
        specType,
        schema: found.jsonSchema,
        relations: found.relationFields,
        description: found.description,
      }
    }),
  }))
}

/** A schema without the words: only what decides. `properties` and the like hold names, not keywords, and are kept whole. */
function bare(schema) {
  if (Array.isArray(schema)) return schema.map(bare)
  if (!schema || typeof schema !== 'object') return schema
  const out = {}
  for (const [key, value] of Object.entries(schema)) {
    if (['description', 'examples', 'title', 'default', '$schema', '$id'].includes(key)) continue
    if (['properties', 'patternProperties', 'definitions'].includes(key)) {
      out[key] = Object.fromEntries(Object.entries(value).map(([name, sub]) => [name, bare(sub)]))
    } else if (['const', 'enum', 'required', 'type'].includes(key)) out[key] = value
    else out[key] = bare(value)
  }
  return out
}

// strict: false, since Backstage's schemas use keywords loosely, and the backend does not mind either.
const ajvFor = options =>
  new Ajv({ strict: false, allErrors: true, code: { source: true, esm: true, lines: false }, ...options })

/** The compiled module of one profile. Equal metadata schemas are compiled once: they are half the bytes of every kind. */
function compileProfile(name) {
  const ajv = ajvFor({ inlineRefs: false })
  const metadata = new Map()
  const byText = new Map()
  const ids = {}
  const share = schema => {
    const text = JSON.stringify(schema)
    if (!metadata.has(text)) {
      const id = `metadata${metadata.size}`
      metadata.set(text, id)
      ajv.addSchema(schema, id)
    }
    return { $ref: metadata.get(text) }
  }
  const kinds = kindsOf(name).map(({ kind, versions }) => ({
    kind,
    versions: versions.map(({ apiVersion, specType, schema, relations }) => {
      // kind, apiVersion and unknown root fields are judged before, with better words
      const { spec, metadata: meta } = bare(schema).properties
      const judged = {
        type: 'object',
        required: schema.required.filter(r => r === 'spec'),
        properties: { spec, metadata: share(meta) },
      }
      const text = JSON.stringify(judged)
      if (!byText.has(text)) {
        const id = `v${byText.size}`
        byText.set(text, id)
        ids[id] = id
        ajv.addSchema(judged, id)
      }
      return { apiVersion, specType, validate: byText.get(text), fields: fieldsOf(schema), relations }
    }),
  }))
  // What holds for a kind that only an organisation knows: Backstage's Entity schema, of which root fields are judged before.
  const { metadata: meta } = kindsOf(name)[0].versions[0].schema.properties
  ajv.addSchema({ type: 'object', properties: { spec: { type: 'object' }, metadata: share(bare(meta)) } }, 'anyKind')
  const anyFields = fieldsOf({ properties: { metadata: meta } })
  // Made when they are asked for, and equal ones once: a push needs those of one kind.
  const fieldTexts = []
  const fieldsAt = fields => {
    const text = JSON.stringify(fields)
    if (!fieldTexts.includes(text)) fieldTexts.push(text)
    return `get fields(){return fields${fieldTexts.indexOf(text)}()}`
  }
  const code = shorter(standaloneCode(ajv, { ...ids, validateAnyKind: 'anyKind' }))
  const table = kinds
    .map(({ kind, versions }) => {
      const rows = versions.map(
        v =>
          `{apiVersion:${JSON.stringify(v.apiVersion)},specType:${v.specType ? JSON.stringify(v.specType) : 'undefined'},` +
          `validate:${v.validate},relations:${JSON.stringify(v.relations.map(relation))},${fieldsAt(v.fields)}}`,
      )
      return `{kind:${JSON.stringify(kind)},versions:[${rows.join(',')}]}`
    })
    .join(',\n')
  const profile = `{name:${JSON.stringify(name)},kinds:[${table}],anyKind:{validate:validateAnyKind,${fieldsAt(anyFields)}}}`
  const made = fieldTexts.map((text, i) => `const fields${i}=once(()=>(${text}));\n`).join('')
  return `${withImports(code)}\n${WORDS}\nconst once=make=>{let made;return()=>made??=make()};\n${made}export const profile=${profile};\n`
}

/**
 * An error as a call, and what is written often as a word, where ajv writes 234 times an object and how it is kept: 27 kB of each hook. What is broken has words of our own by these keywords
 * (hooks/catalog/checks/schema.ts), and the last part of a schema's path is the keyword.
 */
const shorter = code =>
  code
    .replace(
      /(keyword:"(?:required|type|minLength|enum|const|additionalProperties)",params:\{[^{}]*\}),message:"[^"]*"(?:\+"[^"]*")*(?=\})/g,
      '$1',
    )
    .replace(
      /const (err\d+) = \{instancePath(?::(.*?))?,schemaPath:("[^"]*\/([^"/]*)"),keyword:"\4",params:(\{[^{}]*\})(?:,message:("[^"]*"))?\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}/g,
      (_, _name, at = 'instancePath', schemaPath, _keyword, params, message) =>
        `vErrors=broken(vErrors,${[at, schemaPath, params, ...(message ? [message] : [])].join()});`,
    )
    .replaceAll('{type: "string"}', 'aString')
    .replace(/(\w+) && typeof \1 == "object" && !Array\.isArray\(\1\)/g, 'isMap($1)')

const WORDS =
  'const broken=(all,instancePath,schemaPath,params,message)=>{const keyword=schemaPath.slice(schemaPath.lastIndexOf("/")+1);(all??=[]).push({instancePath,schemaPath,keyword,params,message});return all};const aString={type:"string"};const isMap=data=>data&&typeof data=="object"&&!Array.isArray(data);'

const relation = ({ path, defaultKind, allowedKinds }) => ({
  field: path.replace(/^spec\./, ''),
  ...(defaultKind ? { defaultKind } : {}),
  ...(allowedKinds ? { allowedKinds } : {}),
})

/** ajv writes require() for its few run-time helpers, also into ES modules; we write imports. */
export function withImports(code) {
  const imports = new Map()
  const body = code.replace(/require\("([^"]+)"\)/g, (_, from) => {
    if (!imports.has(from)) imports.set(from, `helper${imports.size}`)
    return imports.get(from)
  })
  return [...imports].map(([from, name]) => `import ${name} from ${JSON.stringify(`${from}.js`)}\n`).join('') + body
}

/** Our own messages and configurations. */
function compileOwn() {
  const ajv = ajvFor({ strict: true, strictTypes: false, strictRequired: false, inlineRefs: true })
  const names = {
    hookConfig: 'hook-config',
    relayConfig: 'relay-config',
    installConfig: 'install-config',
    migrateConfig: 'migrate-config',
    migrateRules: 'migrate-rules',
    pushNotification: 'push-notification',
    lookupRequest: 'lookup-request',
    catalogVerdicts: 'catalog-verdicts',
    surveyReport: 'survey-report',
  }
  for (const name of Object.values(names)) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(`${name}.schema.json`, root), 'utf8')), name)
  }
  return withImports(standaloneCode(ajv, names))
}

/** Writes schemas/compiled/. About a second. */
export function compileSchemas() {
  mkdirSync(target, { recursive: true })
  // What is there already stays as it is: somebody may be reading it, and what was built of it is known by its time.
  const write = (name, text) => {
    const file = new URL(name, target)
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  }
  for (const name of PROFILES) {
    write(`${name}.mjs`, compileProfile(name))
    write(`${name}.d.mts`, `import type { Profile } from '../profile.ts'\nexport const profile: Profile\n`)
  }
  write('own.mjs', compileOwn())
  write(
    'own.d.mts',
    `import type { Validator } from '../profile.ts'\nexport const hookConfig: Validator\nexport const relayConfig: Validator\nexport const installConfig: Validator\nexport const migrateConfig: Validator\nexport const migrateRules: Validator\nexport const pushNotification: Validator\nexport const lookupRequest: Validator\nexport const catalogVerdicts: Validator\nexport const surveyReport: Validator\n`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) compileSchemas()
