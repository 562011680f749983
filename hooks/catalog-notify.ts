// The hook that only tells the relay; it never rejects.
import { main } from './process/entry.ts'

void main('catalog-notify', BAKED_CONFIG, undefined, true)
