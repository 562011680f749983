// The hook that only validates.
import { profile } from 'catalog-gate:profile'
import { main } from './process/entry.ts'
import { correctionOf } from './run/correction.ts'

void main('catalog-validate', BAKED_CONFIG, { profile, correctionOf }, false)
