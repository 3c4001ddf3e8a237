/** What the offer of a passkey says of the other ways: those of this account, as far as they sign in beside a passkey. */
import test from 'ava'
import { besides } from '../../src/login/besides.ts'
import type { Flow } from '../../src/login/flow.ts'
import { otherMethods } from '../../src/policy/types.ts'
import type { DowngradeSetting } from '../../src/policy/downgrade.ts'
import { besidesAnswer, besidesElsewhere } from '../../views/parts/besides.ts'
import { pageContext } from '../views/page-context.ts'

const email = { kind: 'email', value: 'maya@example.com', verifiedAt: 1 }
const username = { kind: 'username', value: 'maya', verifiedAt: 1 }
const factors = { totp: { id: 'a', since: 1 }, recovery_codes: { left: 9, since: 1 } }

function said(account: object, downgrade: DowngradeSetting = 'notify', ofApp?: DowngradeSetting): string {
  const flow = {
    account: { credentialIds: [], ...account },
    deps: { config: { verification: { methods: [...otherMethods] }, assurance: { downgrade } } },
    request: { client: { latchkey: { assurance: { ...(ofApp && { downgrade: ofApp }) } } } },
  } as unknown as Flow
  return besidesAnswer(pageContext(), besides(flow))
}

test('what the account has, and nothing that it has not', (t) => {
  t.is(said({ identifiers: [email] }), 'Yes, with a code by email.')
  t.is(said({ identifiers: [username], factors: { recovery_codes: { left: 9, since: 1 } } }), 'Yes, with a recovery code.')
  t.is(said({ identifiers: [email, { ...email, kind: 'phone' }], factors }), 'Yes, with a code by email, a code by text message, your authenticator app, or a recovery code.')
  t.is(said({ identifiers: [{ ...email, verifiedAt: undefined }] }), 'Not yet. For now the passkey is your way back in.')
})

test('a code that does not sign in beside a passkey is not promised', (t) => {
  t.is(said({ identifiers: [email] }, 'block'), 'Not yet. For now the passkey is your way back in.')
  t.is(said({ identifiers: [email], factors }, 'block'), 'Yes, with a recovery code.')
  t.is(said({ identifiers: [email] }, 'step_up'), 'Not yet. For now the passkey is your way back in.')
  t.is(said({ identifiers: [email], factors: { totp: factors.totp } }, 'step_up'), 'Yes, with two of these: a code by email and your authenticator app.')
  t.is(said({ identifiers: [email] }, 'block', 'allow'), 'Yes, with a code by email.', 'an app may be more lenient')
})

test('a passkey that stays on its device: how to sign in on others', (t) => {
  const page = pageContext('de')
  t.is(besidesElsewhere(page, { ways: ['recovery_code'], together: false }), 'Er funktioniert nur auf diesem Gerät. Auf anderen melden Sie sich mit einem Wiederherstellungscode an.')
  t.regex(besidesElsewhere(page, { ways: [], together: false }), /Ohne ihn kommen Sie nicht hinein/)
})
