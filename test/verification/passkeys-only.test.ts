/** An account that takes no codes: one mail a day that says so, and nothing that is typed is ever right. */
import test from 'ava'
import { createMemory } from './memory.ts'
import { createRig, day, minute } from './rig.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }
const alice = 'alice@example.com'

test('one mail a day, whatever it is asked for and how often', async (t) => {
  const memory = createMemory()
  const { send, mailbox } = createRig(memory, keyring, [], [alice])
  const asked = [{ cid: 'a' }, { cid: 'b' }, { cid: 'c', purpose: 'sign_up' }] as const
  for (const input of asked) t.true((await send(input)).ok)
  memory.advance(20 * minute)
  t.true((await send({ cid: 'a' })).ok)
  t.deepEqual(mailbox.map(({ variant }) => variant), ['passkeys_only'])
  memory.advance(day)
  await send({ cid: 'd' })
  t.is(mailbox.length, 2)
})

test('no code works: neither the one that was made, nor any other', async (t) => {
  const memory = createMemory()
  const { send, check, mailbox } = createRig(memory, keyring, [], [alice])
  await send()
  t.like(await check(mailbox[0]!.code), { ok: false, reason: 'wrong' })
})

test('a code that went out before works no longer once the account takes none', async (t) => {
  const memory = createMemory()
  const switched: string[] = []
  const { send, check, mailbox } = createRig(memory, keyring, [alice], switched)
  await send()
  const { code } = mailbox[0]!
  switched.push(alice)
  t.like(await check(code), { ok: false, reason: 'wrong' })
  switched.pop()
  t.like(await check(code), { ok: true })
})

test('a code from before is not kept by asking again', async (t) => {
  const memory = createMemory()
  const switched: string[] = []
  const { send, check, mailbox } = createRig(memory, keyring, [alice], switched)
  await send()
  const { code } = mailbox[0]!
  switched.push(alice)
  memory.advance(minute)
  await send({ cid: 'another' })
  await send()
  switched.pop()
  t.like(await check(code), { ok: false })
})
