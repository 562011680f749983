// The hook that only validates.
import { profile } from 'catalog-gate:profile'
import { main } from './process/entry.ts'

void main('catalog-validate', BAKED_CONFIG, profile, false)
