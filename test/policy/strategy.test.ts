/** What has to be proven, and when: every strategy with every kind of identifier. */
import test from 'ava'
import { endsWithPasskey, isBare, needsRecoveryCodes, provenFirst, strategies, strategiesFor, unproven, type SignUpValues, type Strategies, type Strategy } from '../../src/policy/strategy.ts'
import type { Account } from '../../src/storage/types.ts'

const all = (strategy: Strategy): Strategies => ({ email: strategy, phone: strategy })
const both: SignUpValues = { email: 'maya@example.com', phone: '+447911123456', username: 'maya' }
const name: SignUpValues = { username: 'maya' }

test('an app has strategies of its own, or the server’s', (t) => {
  t.is(strategiesFor(all('none'), undefined).email, 'none')
  t.is(strategiesFor(all('none'), all('at_sign_up')).phone, 'at_sign_up')
  t.deepEqual(strategiesFor(all('none'), { email: 'at_sign_up' }), { email: 'at_sign_up', phone: 'none' })
})

const table: [values: SignUpValues, strategies: Strategies, proven: string, passkey: boolean][] = [
  [both, all('at_sign_up'), 'email phone', false],
  [both, all('before_first_login'), '', false],
  [both, all('none'), '', true],
  [name, all('at_sign_up'), '', false],
  [name, all('before_first_login'), '', false],
  [name, all('none'), '', false],
  [both, { email: 'at_sign_up', phone: 'none' }, 'email', false],
  [both, { email: 'none', phone: 'at_sign_up' }, 'phone', false],
  [both, { email: 'none', phone: 'before_first_login' }, '', false],
  [{ email: 'a@b.example' }, { email: 'none', phone: 'at_sign_up' }, '', true],
  [{ phone: '+447911123456' }, { email: 'none', phone: 'at_sign_up' }, 'phone', false],
  [{ phone: '+447911123456' }, { email: 'at_sign_up', phone: 'none' }, '', true],
]
for (const [values, strategies, proven, passkey] of table) {
  test(`${Object.keys(values)} with ${JSON.stringify(strategies)}: first "${proven}"${passkey ? ', and a passkey' : ''}`, (t) => {
    t.is(provenFirst(values, strategies).join(' '), proven)
    t.is(endsWithPasskey(values, strategies), passkey)
  })
}

test('without a passkey every strategy proves all that can be proven', (t) => {
  for (const strategy of strategies) t.deepEqual(provenFirst(both, all(strategy), { byCode: true }), ['email', 'phone'])
  t.deepEqual(provenFirst(name, all('none'), { byCode: true }), [])
})

const account = (more: Partial<Account> = {}): Account => ({
  id: 'a', createdAt: 1, userHandle: 'h', credentialIds: [],
  identifiers: [{ kind: 'email', value: 'a@b.example' }, { kind: 'phone', value: '+447911123456', verifiedAt: 2 }, { kind: 'username', value: 'maya' }],
  ...more,
})

test('what is left to prove: what was not proven and can be, unless the app never asks', (t) => {
  t.deepEqual(unproven(account(), all('at_sign_up')), [{ kind: 'email', value: 'a@b.example' }])
  t.deepEqual(unproven(account(), all('before_first_login')).map(({ kind }) => kind), ['email'])
  t.deepEqual(unproven(account(), { email: 'none', phone: 'at_sign_up' }), [])
})

test('recovery codes are needed where nothing can be sent to', (t) => {
  t.false(needsRecoveryCodes(account()))
  t.true(needsRecoveryCodes({ identifiers: [{ kind: 'username', value: 'maya' }] }))
})

test('a typing mistake can be put right in the browser of a sign-up in which nothing was proven', (t) => {
  const bare = account({ identifiers: [{ kind: 'email', value: 'a@b.example' }], signedUp: { deviceHash: 'here', clientId: 'shop' } })
  t.true(isBare(bare, 'here'))
  t.false(isBare(bare, 'elsewhere'))
  t.false(isBare({ ...bare, credentialIds: ['one'] }, 'here'))
  t.false(isBare({ ...bare, factors: { totp: { since: 1 } } }, 'here'))
  t.false(isBare({ ...bare, passkeysOnlySince: 1 }, 'here'))
  t.false(isBare({ ...bare, frozen: { at: 1, since: 1, changeIds: [] } }, 'here'))
  t.false(isBare({ ...bare, identifiers: account().identifiers }, 'here'))
  t.false(isBare(account(), 'here'))
})
