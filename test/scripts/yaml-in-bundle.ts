// The entry of a script that holds yaml alone, as a hook's bundle has it (bundled-yaml.test.ts).
import { parseAllDocuments } from 'yaml'

Object.assign(globalThis, { parseByBundle: parseAllDocuments })
