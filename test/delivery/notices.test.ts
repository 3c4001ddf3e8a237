import test from 'ava'
import { createNotices, type NoticeMails } from '../../src/delivery/notices.ts'
import type { QueuedMail } from '../../src/delivery/outbox.ts'
import type { Account, Change } from '../../src/storage/types.ts'

const now = 1_000_000
const day = 24 * 3_600_000
const context = { at: now, device: 'Chrome on Windows' }
const account: Account = { id: 'account', createdAt: 0, userHandle: 'x', identifiers: [], credentialIds: ['key'], locale: 'de' }
const change: Change = {
  id: 'change', accountId: 'account', at: now, kind: 'passkey_added', subject: 'key', deviceHash: 'd', userAgent: 'Chrome on Windows', until: now + 7 * day,
}

function createRig() {
  const sent: QueuedMail[] = []
  const written: [mail: string, props: object][] = []
  const issued: object[] = []
  const alerted: string[] = []
  const write = (name: string) => (props: object) => (written.push([name, props]), { subject: 's', text: 't', html: 'h' })
  const notices = createNotices({
    outbox: { enqueue: async (mail) => void sent.push(mail) },
    accounts: { provenEmails: () => ['a@example.com', 'b@example.com'] },
    mails: new Proxy({} as NoticeMails, { get: (_, name) => write(String(name)) }),
    alerts: { passkeyAdded: async ({ id }) => void alerted.push(id) },
    tickets: { issue: async (input) => (issued.push(input), 'ticket') },
    clock: { now: () => now },
    config: { issuer: 'https://login.example.com' },
  })
  return { notices, sent, written, issued, alerted }
}

test('every proven address hears of a new passkey, in the language of the account', async (t) => {
  const { notices, sent, written, issued, alerted } = createRig()
  await notices.passkeyAdded(account, { name: 'My laptop' }, { ...context, storedIn: 'Windows Hello' })
  t.deepEqual(sent.map(({ to, accountId }) => [to, accountId]), [['a@example.com', 'account'], ['b@example.com', 'account']])
  t.deepEqual(written, [['passkeyAdded', { ...context, storedIn: 'Windows Hello', locale: 'de', name: 'My laptop' }]])
  t.deepEqual(issued, [], 'no change is named, so there is nothing to be stopped')
  t.deepEqual(alerted, ['account'], 'and every proven phone by text')
})

test('a new device is reported with whether a passkey would have been there', async (t) => {
  const { notices, written } = createRig()
  const props = { ...context, method: 'email_otp', firstTime: true } as const
  await notices.newDevice(account, props)
  await notices.newDevice({ ...account, credentialIds: [] }, props)
  t.deepEqual(written.map(([, given]) => 'hasPasskey' in given && given.hasPasskey), [true, false])
})

test('with its change a notice says where it can be stopped: one ticket, for this change, as long as it can be frozen', async (t) => {
  const { notices, written, issued, sent } = createRig()
  await notices.passkeyAdded(account, {}, { ...context, change })
  t.deepEqual(issued, [{ purpose: 'not_me', accountId: 'account', changeId: 'change', life: 7 * day }])
  t.deepEqual(written, [['passkeyAdded', { ...context, locale: 'de', notMeUrl: 'https://login.example.com/account/not-me/ticket' }]])
  t.is(sent.length, 2)
})

test('every kind of notice takes a change', async (t) => {
  const { notices, written } = createRig()
  const withChange = { ...context, change }
  await notices.passkeyRemoved(account, { createdAt: 5 }, withChange)
  await notices.newDevice(account, { ...withChange, method: 'passkey', firstTime: true })
  await notices.recoveryStarted(account, { ...withChange, readyAt: now + day })
  await notices.recoveryUsed(account, { ...withChange, codesLeft: 7 })
  await notices.detailsChanged(account, { ...withChange, what: 'passkeys_only_off' })
  t.deepEqual(written.map(([mail]) => mail), ['passkeyRemoved', 'newDevice', 'recoveryStarted', 'recoveryUsed', 'detailsChanged'])
  for (const [mail, props] of written) {
    t.is((props as { notMeUrl?: string }).notMeUrl, 'https://login.example.com/account/not-me/ticket', mail)
    t.false('change' in props, mail)
  }
})

test('a change that can be stopped no more gets no link', async (t) => {
  const { notices, written, issued } = createRig()
  await notices.passkeyAdded(account, {}, { ...context, change: { ...change, until: now } })
  t.deepEqual(issued, [])
  t.false('notMeUrl' in (written[0]?.[1] ?? {}))
})

test('who lost an address is told there too; until when it can be stopped is said', async (t) => {
  const { notices, sent, written } = createRig()
  await notices.detailsChanged(account, { ...context, change, what: 'identifier_removed', subject: 'old@example.com', alsoTo: ['old@example.com', 'a@example.com'] })
  t.deepEqual(sent.map(({ to }) => to), ['a@example.com', 'b@example.com', 'old@example.com'])
  t.like(written[0]?.[1], { what: 'identifier_removed', subject: 'old@example.com', until: now + 7 * day })
  t.false('alsoTo' in (written[0]?.[1] ?? {}))
})

test('after a removal the mail says what is left', async (t) => {
  const { notices, written } = createRig()
  await notices.passkeyRemoved(account, { createdAt: 5 }, context)
  await notices.passkeyRemoved({ ...account, credentialIds: [], passkeysOnlySince: 1 }, { createdAt: 5 }, context)
  t.deepEqual(written.map(([, props]) => 'left' in props && props.left), [{ passkeys: true, code: true }, { passkeys: false, code: false }])
})
