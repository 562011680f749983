// The hook that does both: validates the catalog files of a push, and tells the relay when it is accepted.
import { profile } from 'catalog-gate:profile'
import { main } from './process/entry.ts'
import { correctionOf } from './run/correction.ts'

void main('catalog-gate', BAKED_CONFIG, { profile, correctionOf }, true)
