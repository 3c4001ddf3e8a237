/** 20,000 random walks of an owner and of a thief with their mailbox, over the real guard, changes and recoveries. */
import test from 'ava'
import { createWorld } from '../accounts/store.ts'
import fc, { seed } from '../helpers/property.ts'
import { acts, createTally, walk } from '../walks/chain.ts'

test('20,000 walks: no passkey without the guard, no decision without something older, and the owner keeps what they had', async (t) => {
  t.log(`seed ${seed} (PROPERTY_SEED=${seed} walks the same way)`)
  const world = createWorld()
  t.teardown(world.close)
  const tally = createTally()
  const walks = fc.asyncProperty(fc.boolean(), acts, (passkey, acts) => walk(world, tally, { passkey }, acts))
  await t.notThrowsAsync(fc.assert(walks, { numRuns: 20_000, includeErrorInReport: true }))
  t.log(JSON.stringify(tally))
  for (const [what, count] of Object.entries(tally)) t.true(count > 0, `no walk came to: ${what}`)
})
