import test from 'ava'
import { noteOffer } from '../../src/login/offer-events.ts'
import type { Flow } from '../../src/login/flow.ts'
import type { OfferEvent } from '../../src/passkeys/offers.ts'
import { createOffers } from '../../src/passkeys/index.ts'
import { openStore } from '../storage/sqlite/opened.ts'

/** as much of a sign-in as is looked at */
function flowWith(part: { account?: { id: string }; state?: object }) {
  const events: OfferEvent[] = []
  const flow = { account: undefined, request: { app: { id: 'shop' } }, ctx: { state: { device: { hash: 'device' } } }, deps: { offers: { record: async (event: OfferEvent) => void events.push(event) } }, ...part, state: { proofs: [], ...part.state } }
  return { flow: flow as unknown as Flow, events }
}

test('what became of an offer is noted with account, app, browser and occasion', async (t) => {
  const { flow, events } = flowWith({ account: { id: 'ann' }, state: { proofs: [{ method: 'email_otp' }] } })
  await noteOffer(flow, 'eligible', 'shown')
  const event = { accountId: 'ann', clientId: 'shop', deviceHash: 'device', occasion: 'email_otp' }
  t.deepEqual(events, [{ ...event, outcome: 'eligible' }, { ...event, outcome: 'shown' }])
})

test('an account that may never be made leaves nothing that is kept for good', async (t) => {
  const { flow, events } = flowWith({ state: { draft: { accountId: 'draft' } } })
  await noteOffer(flow, 'eligible', 'shown', 'started', 'failed', 'created')
  t.deepEqual(events.map(({ outcome, accountId }) => [outcome, accountId]), [['eligible', undefined], ['shown', undefined], ['started', undefined], ['failed', 'draft'], ['created', 'draft']])
  t.true(events.every(({ occasion }) => occasion === 'sign_up'))
})

test('an offer is stored, then counted; one that is not stored is not counted either', async (t) => {
  const { storage } = await openStore(t)
  const counted: string[] = []
  const offers = createOffers({ ...storage, observe: (outcome, occasion) => void counted.push(`${outcome} ${occasion}`) })
  await offers.record({ outcome: 'never', occasion: 'sms_otp', accountId: 'ann', clientId: 'shop', deviceHash: 'device' })
  const [{ id, ...entry } = { id: '' }] = await storage.prompts.query({ accountId: 'ann', limit: 9 })
  t.truthy(id)
  t.deepEqual(entry, { at: storage.clock.now(), outcome: 'never', occasion: 'sms_otp', accountId: 'ann', clientId: 'shop', deviceHash: 'device' })
  await storage.close()
  await t.throwsAsync(offers.record({ outcome: 'shown', occasion: 'sms_otp' }))
  t.deepEqual(counted, ['never sms_otp'])
})
