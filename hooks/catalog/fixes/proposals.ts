// What may mend a finding in a document that is YAML.
import type { Propose, Subject, Ways } from './candidate.ts'
import { proposeKeys } from './keys.ts'
import { proposeLayout } from './layout.ts'
import { proposeLinks } from './link.ts'
import { proposeShapes } from './shapes.ts'
import { proposeSigns } from './signs.ts'
import { proposeWords } from './words.ts'

const ALL: readonly Propose[] = [proposeSigns, proposeWords, proposeKeys, proposeShapes, proposeLinks, proposeLayout]

export const proposals = (subject: Subject): Ways[] => ALL.flatMap(propose => propose(subject))
