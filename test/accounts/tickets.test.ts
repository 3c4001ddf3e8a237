import test from 'ava'
import { createWorld, day } from './store.ts'

function begin(t: { teardown(end: () => void): void }) {
  const world = createWorld()
  t.teardown(world.close)
  return world
}

test('a ticket is long, random, and good for its one purpose, account and time', async (t) => {
  const { tickets, advance } = begin(t)
  const ticket = await tickets.issue({ purpose: 'not_me', accountId: 'ada', changeId: 'change', life: 7 * day })
  t.regex(ticket, /^[\w-]{43}$/)
  t.not(ticket, await tickets.issue({ purpose: 'not_me', accountId: 'ada', changeId: 'change', life: day }))
  t.like(await tickets.look('not_me', ticket), { purpose: 'not_me', accountId: 'ada', changeId: 'change' })
  t.is(await tickets.look('enrol', ticket), undefined)
  t.is(await tickets.bind('enrol', ticket, 'laptop'), undefined)
  t.is(await tickets.look('not_me', `${ticket.slice(0, -1)}!`), undefined)
  advance(7 * day - 1)
  t.truthy(await tickets.look('not_me', ticket))
  advance(1)
  t.is(await tickets.look('not_me', ticket), undefined)
})

test('the browser that presses first has it; nobody else can spend it, and nobody twice', async (t) => {
  const { tickets, advance } = begin(t)
  const ticket = await tickets.issue({ purpose: 'enrol', accountId: 'ada', life: day })
  t.is(await tickets.spend('enrol', ticket, 'laptop'), undefined, 'not before it is bound')
  t.like(await tickets.bind('enrol', ticket, 'laptop'), { boundTo: 'laptop' })
  t.is(await tickets.bind('enrol', ticket, 'stranger'), 'elsewhere')
  t.like(await tickets.bind('enrol', ticket, 'laptop'), { boundTo: 'laptop' })
  t.is(await tickets.spend('enrol', ticket, 'stranger'), undefined)
  t.like(await tickets.spend('enrol', ticket, 'laptop'), { accountId: 'ada' })
  t.is(await tickets.spend('enrol', ticket, 'laptop'), undefined)
  t.is(await tickets.look('enrol', ticket), undefined)

  const late = await tickets.issue({ purpose: 'enrol', accountId: 'ada', life: day })
  await tickets.bind('enrol', late, 'laptop')
  advance(day)
  t.is(await tickets.spend('enrol', late, 'laptop'), undefined)
})

test('of enrolment links an account has one: the next one ends it, and so does disabling; links of another kind or account stay', async (t) => {
  const world = begin(t)
  const { tickets } = world
  await world.addAccount()
  await world.addAccount('bob')
  const issue = (purpose: 'enrol' | 'not_me', accountId = 'ada') => tickets.issue({ purpose, accountId, life: day })
  const [first, bobs, notMe, notMeToo] = [await issue('enrol'), await issue('enrol', 'bob'), await issue('not_me'), await issue('not_me')]
  await tickets.bind('enrol', first, 'laptop')
  const second = await issue('enrol')
  t.is(await tickets.spend('enrol', first, 'laptop'), undefined)
  t.truthy(await tickets.look('enrol', second))

  await world.switching.disable('ada')
  await world.switching.enable('ada')
  t.is(await tickets.look('enrol', second), undefined)
  for (const ticket of [notMe, notMeToo]) t.truthy(await tickets.look('not_me', ticket))
  t.truthy(await tickets.look('enrol', bobs))
  t.truthy(await tickets.look('enrol', await issue('enrol')))
  await tickets.revokeEnrol('nobody')
})

test('of 20 browsers at once one has it, and of its 20 presses one spends it', async (t) => {
  const { tickets } = begin(t)
  const ticket = await tickets.issue({ purpose: 'enrol', accountId: 'ada', life: day })
  const bound = await Promise.all(Array.from({ length: 20 }, (_, index) => tickets.bind('enrol', ticket, `browser ${index}`)))
  const [winner, ...others] = bound.filter((result) => result !== 'elsewhere')
  t.deepEqual(others, [])
  const spent = await Promise.all(Array.from({ length: 20 }, () => tickets.spend('enrol', ticket, winner?.boundTo ?? '')))
  t.is(spent.filter(Boolean).length, 1)
})

test('what is stored opens nothing', async (t) => {
  const { tickets, storage } = begin(t)
  const ticket = await tickets.issue({ purpose: 'enrol', accountId: 'ada', life: day })
  const looked = await tickets.look('enrol', ticket)
  t.false(JSON.stringify(looked).includes(ticket))
  t.is(await storage.ephemeral.get(`ticket:enrol:${ticket}`), undefined, 'the key is a hash')
})
