/** One account is kept to passkeys, and let go again. */
import test, { type ExecutionContext } from 'ava'
import { createPasskeysOnly } from '../../src/accounts/passkeys-only.ts'
import type { Account } from '../../src/storage/types.ts'
import { createWorld, here, hour } from './store.ts'

function open(t: ExecutionContext, methods = ['email_otp', 'recovery_code']) {
  const world = createWorld()
  t.teardown(world.close)
  const told: string[] = []
  const passkeysOnly = (announce = async () => {}) => createPasskeysOnly({
    storage: world.storage, changes: world.changes, revocation: world.revocation, audit: world.audit, config: { verification: { methods } },
    announce: async (_account, { kind }) => (told.push(kind), announce()),
  })
  return { world, told, passkeysOnly }
}

const codes = (left: number) => ({ factors: { recovery_codes: { since: 1, left } } })
const ways: [string, Partial<Account>, boolean][] = [
  ['nothing', {}, false],
  ['codes alone', codes(8), false],
  ['one passkey', { credentialIds: ['one'] }, false],
  ['one passkey and codes that are used up', { credentialIds: ['one'], ...codes(0) }, false],
  ['one passkey and an app', { credentialIds: ['one'], factors: { totp: { since: 1 } } }, false],
  ['one passkey and codes', { credentialIds: ['one'], ...codes(1) }, true],
  ['two passkeys', { credentialIds: ['one', 'two'] }, true],
]

for (const [name, more, allowed] of ways) {
  test(`${name}: ${allowed ? 'on' : 'refused, and nobody is told'}`, async (t) => {
    const { world, told, passkeysOnly } = open(t)
    const ada = await world.addAccount('ada', more)
    t.is(await passkeysOnly().set(ada, true), allowed ? 'done' : 'no_way_back')
    t.is((await world.account()).passkeysOnlySince !== undefined, allowed)
    t.deepEqual(told, allowed ? ['passkeys_only_on'] : [])
  })
}

test('codes that nobody takes here are no way back', async (t) => {
  const { world, passkeysOnly } = open(t, ['email_otp'])
  t.is(await passkeysOnly().set(await world.addAccount('ada', { credentialIds: ['one'], ...codes(8) }), true), 'no_way_back')
})

test('what was open by codes alone ends, once it is on; it is recorded, and comes back when the person takes it back', async (t) => {
  const { world, passkeysOnly } = open(t)
  await world.addAccount()
  await world.addPasskey('one')
  await world.addPasskey('two')
  await world.addEmail('ada@example.com')
  await world.addSession('by a code', [{ method: 'email_otp' }])
  await world.addSession('by both', [{ method: 'email_otp' }, { method: 'passkey', credentialId: 'one' }])
  world.advance(hour)
  t.is(await passkeysOnly().set(await world.account(), true), 'done')
  t.deepEqual(await world.open(), ['by both'])
  t.like(world.entries.at(-1), { type: 'account.passkeys_only', accountId: 'ada', detail: { on: true } })
  t.is(await passkeysOnly().set(await world.account(), true), 'unchanged')

  const [change] = await world.storage.changes.listByAccount('ada')
  await world.changes.undo(change!.id)
  t.is((await world.account()).passkeysOnlySince, undefined)
  t.is(await passkeysOnly().set(await world.account(), false), 'unchanged')
})

test('the last passkey but one goes in the same moment, or somebody disowns a change: it stays off', async (t) => {
  const { world, passkeysOnly } = open(t)
  await world.addAccount()
  await world.addPasskey('one')
  await world.addPasskey('two')
  const lose = async () => void (await world.changes.removePasskey(await world.account(), 'two', here))
  t.is(await passkeysOnly(lose).set(await world.account(), true), 'no_way_back')
  t.is((await world.account()).passkeysOnlySince, undefined)
  const left = (await world.storage.changes.listByAccount('ada')).find(({ kind }) => kind === 'passkeys_only_on')
  t.is(left?.settled?.how, 'undone', 'nothing is left to take back')

  await world.addPasskey('three')
  const added = await world.changes.record({ ...here, accountId: 'ada', kind: 'new_device' })
  await world.changes.freeze(added.id)
  t.is(await passkeysOnly().set(await world.account(), true), 'frozen')
})
