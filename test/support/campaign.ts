// How far a campaign goes: its small form in `npm test`, all of it in `npm run test:campaigns`; and the seed that it is made from.
//
// A campaign is a test file named *.campaign.test.ts: the same code, many more rounds. The table is in test/README.md.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const isWhole: boolean = process.env['CAMPAIGNS'] === 'whole'

/** The committed one, unless CAMPAIGN_SEED names another: what an innocent change meets is the same every time. */
export const seed: number = Number(
  process.env['CAMPAIGN_SEED'] ?? readFileSync(join(import.meta.dirname, '../campaigns.seed'), 'utf8'),
)
if (!Number.isSafeInteger(seed)) throw new Error('the seed of the campaigns is not a number')

/** Of the whole; CI tries a new seed with a fourth of it. */
const share = Number(process.env['CAMPAIGN_SHARE'] ?? 1)

/** What a campaign does a certain number of times. */
export const rounds = (small: number, whole: number): number => (isWhole ? Math.ceil(share * whole) : small)
