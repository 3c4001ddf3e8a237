/** Whoever has it or nobody, proven or not, with codes or without: the same answers, for the same work. */
import test from 'ava'
import type { OtherMethod } from '../../src/policy/types.ts'
import type { Account } from '../../src/storage/types.ts'
import type { Purpose, Recipient, SendInput } from '../../src/verification/index.ts'
import fc from '../helpers/property.ts'
import { createMemory } from './memory.ts'
import { createRig, day, hour, minute, second, wrong } from './rig.ts'
import { account, createWorld, named } from './world.ts'

const email = named('email', 'maya@example.com')
const phone = named('phone', '+447911123456')
const username = named('username', 'maya')

/** Everybody whom it can belong to. */
const holders: Record<string, Account | undefined> = {
  nobody: undefined,
  'one identifier, nothing else': account('maya', [{ ...email, verifiedAt: 1 }]),
  everything: account('maya', [{ ...email, verifiedAt: 1 }, { ...phone, verifiedAt: 1 }, username], { credentialIds: ['passkey'] }),
  'passkeys only': account('maya', [{ ...email, verifiedAt: 1 }, { ...phone, verifiedAt: 1 }, username], { passkeysOnlySince: 1 }),
  disabled: account('maya', [{ ...email, verifiedAt: 1 }, { ...phone, verifiedAt: 1 }, username], { disabledAt: 1 }),
  'nothing proven': account('maya', [email, phone, username]),
  'something else proven': account('maya', [email, phone, username, { kind: 'email', value: 'other@example.com', verifiedAt: 1 }]),
}

const where = { cid: fc.constantFrom('a', 'b'), purpose: fc.constantFrom<Purpose>('sign_in', 'sign_up') }
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), method: fc.constantFrom<OtherMethod>('email_otp', 'email_link', 'sms_otp'), ...where }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('guess' as const), method: fc.constantFrom<OtherMethod>('email_otp', 'sms_otp', 'totp', 'recovery_code'), ...where }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10 * second, 30 * second, minute, 15 * minute, hour, day) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What somebody without the mailbox and the phone can see, and what it cost: answers, calls, what the outbox was handed. */
async function observe(holder: Account | undefined, typed: Recipient, steps: Step[]): Promise<unknown[]> {
  const { methods, links, calls, handed, advance, isUnreachable } = createWorld(holder ? [holder] : [])
  const seen: unknown[] = []
  for (const action of steps) {
    if (action.kind === 'wait') {
      advance(action.ms)
      continue
    }
    const { cid, purpose, method } = action
    const about: Omit<SendInput, 'cid' | 'purpose' | 'typed'> = { app: 'Shop', locale: 'en', asker: 'Chrome on Windows', interaction: { uid: 'uid', clientId: 'shop', deviceHash: 'device' } }
    // no digits, so that it is never right by chance
    seen.push(action.kind === 'send' ? await methods[method].send!({ cid, purpose, typed, ...about }) : await methods[method].check({ cid, purpose, typed, code: 'guess' }))
    seen.push(await methods[method].status?.({ cid, purpose }), await links.state({ cid, purpose }), await isUnreachable(typed))
    seen.push(calls.splice(0), handed.map(({ tellsRefusal }) => tellsRefusal))
  }
  return seen
}

test('whatever somebody without the mailbox does, answers, store calls and outbox writes are the same', async (t) => {
  await fc.assert(
    // One of them in each: that two are of one account shows in the budgets that they share, whoever has guessed both.
    fc.asyncProperty(fc.constantFrom(email, phone, username), fc.array(step, { maxLength: 30 }), async (typed, steps) => {
      const unknown = await observe(undefined, typed, steps)
      for (const [who, holder] of Object.entries(holders)) t.deepEqual(await observe(holder, typed, steps), unknown, who)
    }),
    { numRuns: 300 },
  )
})

test('the person with the mailbox gets in either way, after the same calls', async (t) => {
  const enter = async (known: string[]) => {
    const memory = createMemory()
    const { send, check, mailbox } = createRig(memory, { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }, known)
    await send()
    const answers = [await check(wrong(mailbox[0]!.code)), await check(mailbox[0]!.code)]
    return { answers, calls: memory.calls }
  }
  t.deepEqual(await enter(['alice@example.com']), await enter([]))
})
