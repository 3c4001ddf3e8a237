import test from 'ava'
import { downgradeAction, downgradeSettings, type DowngradeAction } from '../../src/policy/downgrade.ts'
import type { Method, Proof } from '../../src/policy/types.ts'
import { proof } from './proofs.ts'

const phishable: Method[] = ['email_otp', 'email_link', 'sms_otp', 'totp']
const hadPasskey = { usablePasskey: true }

/** what follows under allow, notify, step_up and block */
const table: [string, Proof[], DowngradeAction[]][] = [
  ['nothing proven here', [], ['finish', 'finish', 'finish', 'finish']],
  ...phishable.map((method): [string, Proof[], DowngradeAction[]] => [
    `${method} with a passkey at hand`,
    [proof(method, 0, hadPasskey)],
    ['finish', 'finish_and_notify', 'step_up', 'block'],
  ]),
  ...phishable.map((method): [string, Proof[], DowngradeAction[]] => [`${method} without a passkey`, [proof(method)], ['finish', 'finish', 'finish', 'finish']]),
  ['a passkey', [proof('passkey', 0, hadPasskey)], ['finish', 'finish', 'finish', 'finish']],
  ['a recovery code', [proof('recovery_code', 0, hadPasskey)], ['finish', 'finish', 'finish', 'finish']],
  ['a code, then the passkey', [proof('email_otp', 1, hadPasskey), proof('passkey', 0, hadPasskey)], ['finish', 'finish', 'finish', 'finish']],
  ['a code, then a recovery code', [proof('email_otp', 1, hadPasskey), proof('recovery_code', 0, hadPasskey)], ['finish', 'finish', 'finish', 'finish']],
  ['two codes of one kind', [proof('email_otp', 1, hadPasskey), proof('email_link', 0, hadPasskey)], ['finish', 'finish_and_notify', 'step_up', 'block']],
  ['two kinds', [proof('email_otp', 1, hadPasskey), proof('totp', 0, hadPasskey)], ['finish', 'finish_and_notify', 'finish_and_notify', 'block']],
  ['a code from before there was a passkey, then another', [proof('email_otp', 1), proof('totp', 0, hadPasskey)], ['finish', 'finish', 'finish', 'finish']],
]

for (const [title, proofs, expected] of table) {
  test(`downgrade: ${title}`, (t) => {
    t.deepEqual(downgradeSettings.map((setting) => downgradeAction(proofs, setting)), expected)
    t.deepEqual(downgradeSettings.map((setting) => downgradeAction(proofs.toReversed(), setting)), expected, 'in whatever order')
  })
}
