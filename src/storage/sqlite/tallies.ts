import type { Tallies } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'

/** Triggers keep count with each write (`migrations.ts`): to count a million accounts would hold everybody up. */
export function createTallies({ database }: Connection): Tallies {
  const tallies = database.prepare('select name, count from tallies')
  return {
    accounts: reading(() => {
      const counts = new Map(tallies.all().map(({ name, count }) => [name, count as number]))
      const withPasskey = counts.get('accounts with a passkey') ?? 0
      return { withPasskey, without: (counts.get('accounts') ?? 0) - withPasskey }
    }),
  }
}
