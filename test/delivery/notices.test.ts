import test from 'ava'
import { createNotices, type NewDeviceProps, type PasskeyAddedProps } from '../../src/delivery/notices.ts'
import type { QueuedMail } from '../../src/delivery/outbox.ts'
import type { Account } from '../../src/storage/types.ts'

function createRig() {
  const sent: QueuedMail[] = []
  const props: (PasskeyAddedProps | NewDeviceProps)[] = []
  const write = (given: PasskeyAddedProps | NewDeviceProps) => (props.push(given), { subject: 's', text: 't', html: 'h' })
  const notices = createNotices({
    outbox: { enqueue: async (mail) => void sent.push(mail) },
    accounts: { provenEmails: () => ['a@example.com', 'b@example.com'] },
    mails: { passkeyAdded: write, newDevice: write },
  })
  return { notices, sent, props }
}

const account: Account = { id: 'account', createdAt: 0, userHandle: 'x', identifiers: [], credentialIds: ['key'], locale: 'de' }

test('every proven address hears of a new passkey, in the language of the account', async (t) => {
  const { notices, sent, props } = createRig()
  await notices.passkeyAdded(account, { name: 'My laptop' }, { at: 1, device: 'Chrome on Windows', storedIn: 'Windows Hello' })
  t.deepEqual(sent.map(({ to, accountId }) => [to, accountId]), [['a@example.com', 'account'], ['b@example.com', 'account']])
  t.deepEqual(props, [{ at: 1, device: 'Chrome on Windows', storedIn: 'Windows Hello', locale: 'de', name: 'My laptop' }])
})

test('a new device is reported with whether a passkey would have been there', async (t) => {
  const { notices, props } = createRig()
  const context = { at: 1, device: 'Chrome on Windows', method: 'email_otp', firstTime: true } as const
  await notices.newDevice(account, context)
  await notices.newDevice({ ...account, credentialIds: [] }, context)
  t.deepEqual(props.map((given) => 'hasPasskey' in given && given.hasPasskey), [true, false])
})
