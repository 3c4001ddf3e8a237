import test from 'ava'
import { createBudgets } from '../../src/verification/budgets.ts'
import { createMemory } from './memory.ts'
import { address, day, hour } from './rig.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }
const [home, work, elsewhere] = ['home@example.com', 'work@example.com', 'elsewhere@example.com'].map((value) => ({ recipient: address(value) }))

function open() {
  const memory = createMemory()
  const budgets = createBudgets({ ...memory, keyring })
  const guesses = async (payer: Parameters<typeof budgets.guess>[0], times: number) => {
    const charges = await Promise.all(Array.from({ length: times }, () => budgets.guess(payer)))
    return charges.filter(({ ok }) => ok).length
  }
  return { ...memory, budgets, guesses }
}

test('two addresses of one account share its guesses and sends; another account has its own', async (t) => {
  const { guesses, budgets } = open()
  t.is(await guesses({ ...home!, accountId: 'maya' }, 6), 6)
  t.is(await guesses({ ...work!, accountId: 'maya' }, 6), 4, 'ten an hour for the account')
  t.is(await guesses({ ...elsewhere!, accountId: 'sam' }, 6), 6)

  for (const payer of [home!, work!, home!]) t.true((await budgets.send({ ...payer, accountId: 'maya' })).ok)
  t.false((await budgets.send({ ...work!, accountId: 'maya' })).ok, 'three in a quarter of an hour for the account')
})

test('what the account refuses costs the address nothing', async (t) => {
  const { guesses, advance } = open()
  t.is(await guesses({ ...home!, accountId: 'maya' }, 10), 10)
  t.is(await guesses({ ...work!, accountId: 'maya' }, 10), 0)
  t.is(await guesses(work!, 10), 10, 'typed by somebody else')
  advance(hour)
  t.is(await guesses({ ...home!, accountId: 'maya' }, 11), 10)
})

test('an address pays whoever has it: moving it to an account, or away, gives no new guesses', async (t) => {
  const { guesses } = open()
  t.is(await guesses(home!, 10), 10)
  t.is(await guesses({ ...home!, accountId: 'maya' }, 10), 0)
})

test('a day of one address makes the codes of all addresses of the account longer', async (t) => {
  const { guesses, budgets, advance } = open()
  t.is(await budgets.digits({ ...work!, accountId: 'maya' }, 6), 6)
  t.is(await guesses({ ...home!, accountId: 'maya' }, 10), 10)
  advance(hour)
  t.is(await guesses({ ...home!, accountId: 'maya' }, 10), 10)
  t.is(await budgets.digits({ ...work!, accountId: 'maya' }, 6), 8)
  t.is(await budgets.digits(work!, 6), 6, 'of somebody without an account')
  advance(7 * day)
  t.is(await budgets.digits({ ...work!, accountId: 'maya' }, 6), 6)
})

test('a recognised browser pays from a purse of its own, for the account too', async (t) => {
  const { guesses } = open()
  t.is(await guesses({ ...home!, accountId: 'maya' }, 20), 10)
  t.is(await guesses({ ...home!, accountId: 'maya', recognisedDevice: 'laptop' }, 20), 10)
  t.is(await guesses({ ...work!, accountId: 'maya', recognisedDevice: 'laptop' }, 20), 0)
})

test('what is refunded can be spent again, for the address and the account', async (t) => {
  const { guesses, budgets } = open()
  t.is(await guesses({ ...home!, accountId: 'maya' }, 9), 9)
  const last = await budgets.guess({ ...home!, accountId: 'maya' })
  t.true(last.ok)
  if (last.ok) await last.refund()
  t.is(await guesses({ ...home!, accountId: 'maya' }, 2), 1)
})

test('what somebody confirms of their own leaves the sends for signing in; the address itself pays all the same', async (t) => {
  const { budgets } = open()
  const confirming = { accountId: 'maya', purpose: 'confirm' as const }
  for (const payer of [home!, work!, elsewhere!]) t.true((await budgets.send({ ...payer, ...confirming })).ok)
  t.false((await budgets.send({ ...home!, ...confirming })).ok, 'three in a quarter of an hour here too')
  for (let time = 0; time < 2; time += 1) t.true((await budgets.send({ ...home!, accountId: 'maya' })).ok)
  t.false((await budgets.send({ ...home!, accountId: 'maya' })).ok, 'the third to that address')
})

test('browsers that an account knows have no purse for an address that is to be added: it may be a stranger’s', async (t) => {
  const { budgets, guesses } = open()
  const from = (recognisedDevice: string) => ({ ...elsewhere!, accountId: 'maya', recognisedDevice, purpose: 'confirm' as const })
  let sent = 0
  for (let device = 0; device < 6; device += 1) sent += Number((await budgets.send(from(`device ${device}`))).ok)
  t.is(sent, 3)
  t.is((await guesses(from('one'), 8)) + (await guesses(from('two'), 8)), 10)
})
