// Which entities are processed and not yet shown: the catalog stitches them later, from a table of its own.
import type { Knex } from '@backstage/backend-plugin-api'
import { rowsOf } from './lease.ts'
import type { Unshown } from './verdict-queue.ts'

/**
 * Backstage 1.55 and newer keep the table `stitch_queue` (read in plugin-catalog-backend 4.0.0 and 4.0.5); a row goes when the entity is shown. While a busy catalog has not written that row, a new entity
 * has none of `final_entities` either. Where it is another way, nothing is said to wait, and `onTrouble` hears why.
 */
export function stitching(knex: Knex, onTrouble: (error: unknown) => void): Unshown {
  return async entities => {
    try {
      const marks = entities.map(() => '?').join(', ')
      const rows = rowsOf(
        await knex.raw(
          `SELECT entity_ref FROM stitch_queue WHERE entity_ref IN (${marks})
           UNION SELECT s.entity_ref FROM refresh_state s WHERE s.entity_ref IN (${marks})
           AND NOT EXISTS (SELECT 1 FROM final_entities f WHERE f.entity_id = s.entity_id AND f.final_entity IS NOT NULL)`,
          [...entities, ...entities],
        ),
      )
      return new Set(rows.map(row => String(row['entity_ref'])))
    } catch (error) {
      onTrouble(error)
      return new Set()
    }
  }
}
