import { createServer, type AddressInfo } from 'node:net'
import test from 'ava'
import { createSmtpTransport } from '../../src/delivery/smtp.ts'
import { isSingleAddress } from '../../src/delivery/address.ts'
import { startMailServer } from './mail-server.ts'

const mail = { id: 'mail-1', to: 'alice@example.com', subject: '419037 is your code', text: 'plain 419037', html: '<p>rich 419037</p>' }
const from = 'Example <login@example.com>'

test('a mail arrives with both bodies, a stable id, and says that it is automatic', async (t) => {
  const { url, received } = await startMailServer(t)
  const smtp = createSmtpTransport(url, from)
  t.teardown(smtp.close)
  t.deepEqual(await smtp.send(mail), { delivered: true })
  t.deepEqual(received[0]?.to, ['alice@example.com'])
  const raw = received[0]!.raw
  for (const line of [/^From: Example <login@example.com>/m, /^Message-ID: <mail-1@example.com>/im, /^Auto-Submitted: auto-generated/m, /plain 419037/, /rich 419037/]) {
    t.regex(raw, line)
  }
})

const injections = [
  'alice@example.com\r\nBcc: eve@evil.example',
  'alice@example.com\nBcc: eve@evil.example',
  'alice@example.com,eve@evil.example',
  'alice@example.com;eve@evil.example',
  'alice@example.com eve@evil.example',
  'group: alice@example.com, eve@evil.example;',
  'Alice <alice@example.com>',
  '<alice@example.com>',
  'alice@example.com>\r\nRCPT TO:<eve@evil.example',
  '"eve@evil.example"@example.com',
  'alice(comment)@example.com',
  'alice@example.com\0',
  'alice@example.com\u2028',
  'alice@@example.com',
  'alice',
  '',
]

for (const to of injections) {
  test(`never goes out to ${JSON.stringify(to)}`, async (t) => {
    t.false(isSingleAddress(to))
    const { url, received } = await startMailServer(t)
    const smtp = createSmtpTransport(url, from)
    t.teardown(smtp.close)
    t.like(await smtp.send({ ...mail, to }), { delivered: false, permanent: true })
    t.deepEqual(received, [])
  })
}

test('a subject cannot add a header', async (t) => {
  const { url, received } = await startMailServer(t)
  const smtp = createSmtpTransport(url, from)
  t.teardown(smtp.close)
  await smtp.send({ ...mail, subject: 'code\r\nBcc: eve@evil.example' })
  t.deepEqual(received[0]?.to, ['alice@example.com'])
  t.notRegex(received[0]!.raw, /^Bcc:/m)
})

test('refusals of the mail are final or not by their code, and what is logged quotes nobody', async (t) => {
  const { url, manners } = await startMailServer(t)
  const smtp = createSmtpTransport(url, from)
  t.teardown(smtp.close)
  const outcomes = []
  for (const code of [450, 550]) {
    manners.recipient = () => code
    outcomes.push(await smtp.send(mail))
  }
  manners.recipient = () => undefined
  for (const code of [451, 554]) {
    manners.message = () => code
    outcomes.push(await smtp.send(mail))
  }
  t.deepEqual(outcomes, [
    { delivered: false, permanent: false, detail: 'EENVELOPE RCPT TO 450' },
    { delivered: false, permanent: true, detail: 'EENVELOPE RCPT TO 550' },
    { delivered: false, permanent: false, detail: 'EMESSAGE DATA 451' },
    { delivered: false, permanent: true, detail: 'EMESSAGE DATA 554' },
  ])
})

test('a wrong password at the mail server is for the operator to mend: the mail waits', async (t) => {
  const { port } = await startMailServer(t, { login: () => 535 })
  const smtp = createSmtpTransport(`smtp://user:wrong@127.0.0.1:${port}`, from)
  t.teardown(smtp.close)
  t.like(await smtp.send(mail), { delivered: false, permanent: false })
})

test('a server that is not there, or says nothing, is a temporary failure within the time limit', async (t) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const waiting = createSmtpTransport(`smtp://127.0.0.1:${port}`, from, { timeLimit: 50 })
  t.teardown(() => (waiting.close(), silent.close()))
  t.deepEqual(await waiting.send(mail), { delivered: false, permanent: false, detail: 'ETIMEDOUT' })

  const absent = createSmtpTransport('smtp://127.0.0.1:1', from)
  t.teardown(absent.close)
  t.like(await absent.send(mail), { delivered: false, permanent: false })
})
