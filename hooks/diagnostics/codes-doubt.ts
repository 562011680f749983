// What the catalog accepts and its author hardly meant: the codes, and their words.
import type { CodesOf } from './facts.ts'
import { shown } from './hints.ts'
import { quoted } from './wording.ts'

type Code =
  | 'owner-unsure'
  | 'misspelt-field'
  | 'merge-key'
  | 'catalog-annotation'
  | 'yaml-version'
  | 'file-name'
  | 'placeholder-host'
  | 'duplicate-entity'
  | 'techdocs-config'

export const doubtCodes: CodesOf<Code> = {
  'owner-unsure': {
    severity: 'warning',
    words: ({ file, owner }) => ({
      message: `spec.owner is missing; only a Backstage with the codeowners module takes it from ${file}, every other refuses the entity`,
      hint: `write "owner: ${owner === undefined ? 'my-team' : shown(owner)}", or administrators set catalog.ownerFrom in the gate's configuration`,
    }),
  },
  'misspelt-field': {
    severity: 'warning',
    words: ({ field, where, meant }) => ({
      message: `${quoted(field)} is not a field of ${where}; the catalog keeps it and does nothing with it`,
      hint: `did you mean ${quoted(meant)}?`,
    }),
  },
  'merge-key': {
    severity: 'warning',
    words: ({ keys }) => ({
      message: 'the catalog does not merge "<<": it stays a field of that name',
      hint: keys.length > 0 ? `write the fields out: ${shown(keys.join(', '))}` : 'remove it',
    }),
  },
  'catalog-annotation': {
    severity: 'warning',
    words: ({ key }) => ({
      message: `${quoted(key)} is written by the catalog; what a file says there is ignored`,
      hint: 'remove the line',
    }),
  },
  'yaml-version': {
    severity: 'warning',
    words: () => ({
      message: '"%YAML 1.1" makes yes, no, on and off booleans, 010 the number 8 and "<<" a merge, from here on',
      hint: 'remove the line: without it YAML 1.2 is read',
    }),
  },
  'file-name': {
    severity: 'warning',
    words: ({ found }) => ({
      message: `the discovery of Backstage looks for catalog-info.yaml and passes over ${found}, unless it is configured`,
      hint: `rename it: git mv ${found} catalog-info.yaml`,
    }),
  },
  'placeholder-host': {
    severity: 'warning',
    words: ({ placeholder, target, repository }) => ({
      message: `${placeholder} names a file of ${shown(repository)}; the catalog refuses it if that is a repository of this server: ${quoted(target, 60)}`,
      hint: 'copy the file into this repository and name it by a relative path',
    }),
  },
  'duplicate-entity': {
    severity: 'warning',
    words: ({ ref, otherPath, otherLine, isSameFile }) => ({
      message: isSameFile
        ? `${quoted(ref, 100)} is also in line ${otherLine}; the catalog keeps the last one of a file`
        : `${quoted(ref, 100)} is also in ${shown(otherPath)}:${otherLine}; where both files are registered, the catalog keeps one of the two`,
      hint: 'rename one, put it into a namespace of its own, or remove it',
    }),
  },
  'techdocs-config': {
    severity: 'warning',
    words: ({ found, expected }) => ({
      message: `techdocs-ref ${quoted(found)} names a folder without mkdocs.yml, docs/index.md or README.md: there is no file ${shown(expected)}`,
      hint: 'add docs/index.md there (TechDocs makes the rest), or correct the folder (it is relative to the folder of this file)',
    }),
  },
}
