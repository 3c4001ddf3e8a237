/** An address that the mail server refuses for good: the page says so when it is looked at again, whoever has an account. */
import test, { type ExecutionContext } from 'ava'
import { createApp, shop } from '../helpers/app.ts'
import { eventually } from '../helpers/eventually.ts'
import type { Page } from '../helpers/http-browser.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import { startMailServer } from '../delivery/mail-server.ts'

const hour = 3_600_000

async function start(t: ExecutionContext) {
  const mails = await startMailServer(t)
  const server = await startInProcess({ clients: [shop], config: { mail: { smtp: mails.url } } })
  t.teardown(server.dispose)
  const app = await createApp(server.issuer, shop)
  const arrive = async (visitor: Visitor) => visitor.arrive(await app.authorize({ prompt: 'login' }))

  async function codeFor({ email }: Visitor): Promise<string> {
    const mail = await eventually('a mail', async () => mails.received.findLast(({ to }) => to.includes(email)))
    return /^\s*(\d{6})\s*$/m.exec(mail.raw)![1]!
  }
  async function signUp(visitor: Visitor): Promise<void> {
    const form = await visitor.browser.submit(await arrive(visitor), '/identifier', { button: 'Create an account' })
    const code = await visitor.browser.submit(form, '/sign-up', { values: { identifier: visitor.email } })
    t.is((await visitor.typeCode(code, await codeFor(visitor))).elsewhere, true)
    visitor.browser.cookies.clear()
  }
  /** the page as it reads once the mail server has had its say */
  async function lookAgain(visitor: Visitor, page: Page): Promise<Page> {
    server.advance(4_000)
    await eventually('every mail settled', async () => ((await server.foundation.storage.outbox.depth()) === 0 ? true : undefined))
    return visitor.browser.open(page.url)
  }
  return { server, mails, arrive, signUp, lookAgain, newVisitor: (email: string) => createVisitor(server, { email, script: false }) }
}

test('it is said with the ways on, a code can still be typed, and a changed address starts afresh', async (t) => {
  const { mails, arrive, lookAgain, newVisitor } = await start(t)
  mails.manners.recipient = (address) => (address.endsWith('@exmaple.com') ? 550 : undefined)
  const visitor = newVisitor('maya@exmaple.com')
  const first = await visitor.typeEmail(await arrive(visitor))
  t.regex(first.text, /We sent an email/)
  const again = await lookAgain(visitor, first)
  t.true(again.text.includes('We could not reach maya@exmaple.com. Check it for typing mistakes.'))
  t.notRegex(again.text, /We sent/)
  t.true(again.forms.some(({ values }) => 'code' in values))
  t.true(again.links.some(({ text }) => text === 'Try another way'))

  const posted = await visitor.browser.submit(again, '/email-otp', { button: 'Continue', values: { code: '' } })
  t.true(posted.text.includes('We could not reach maya@exmaple.com.'))
  const wrong = await visitor.browser.submit(again, '/email-otp', { button: 'Continue', values: { code: 'wrong!' } })
  t.true(wrong.text.includes('That code is not right.'), 'who types a code has one')

  const change = await visitor.browser.submit(again, '/identifier', { button: 'Change' })
  t.is(change.forms.flatMap(({ values }) => values['identifier'] ?? [])[0], 'maya@exmaple.com')
  const right = await visitor.browser.submit(change, '/identifier', { button: 'Continue', values: { identifier: 'maya@example.com' } })
  t.regex((await lookAgain(visitor, right)).text, /We sent an email/)
})

test('the same is said of an address with an account and of one without, also where only one of them is mailed', async (t) => {
  const { server, mails, arrive, signUp, lookAgain, newVisitor } = await start(t)
  const [known, unknown] = [newVisitor('known@example.com'), newVisitor('nobody@example.com')]
  await signUp(known)
  server.advance(25 * hour)
  mails.manners.recipient = () => 550
  const tagged = (email: string) => email.replace('@', '+tag@')
  const attempts = [
    ['the first of the day', (email: string) => email, /^200 .*We could not reach somebody\./],
    ['another on the same day', (email: string) => email, /^200 .*We could not reach somebody\./],
    ['with a tag, which is another address', tagged, /^200 .*We sent an email/],
  ] as const
  for (const [attempt, written, expected] of attempts) {
    const said: string[] = []
    for (const { email } of [known, unknown]) {
      const visitor = newVisitor(written(email))
      const page = await lookAgain(visitor, await visitor.typeEmail(await arrive(visitor)))
      said.push(`${page.status} ${page.text.replaceAll(visitor.email, 'somebody')}`)
    }
    t.regex(said[0] ?? '', expected, attempt)
    t.is(said[1], said[0], attempt)
    server.advance(hour)
  }

  server.advance(25 * hour)
  const said: string[] = []
  for (const { email } of [known, unknown]) {
    const stranger = newVisitor(tagged(email))
    t.regex((await lookAgain(stranger, await stranger.typeEmail(await arrive(stranger)))).text, /We could not reach/)
    const visitor = newVisitor(email)
    said.push((await lookAgain(visitor, await visitor.typeEmail(await arrive(visitor)))).text.replaceAll(email, 'somebody'))
  }
  t.regex(said[0] ?? '', /We sent an email/, 'a tag that its server refuses says nothing about the mailbox')
  t.is(said[1], said[0])
})

test('the first look at the page asks nothing more of the store', async (t) => {
  const { server, mails, arrive, newVisitor } = await start(t)
  mails.manners.recipient = () => 550
  const asked: string[] = []
  const { ephemeral } = server.foundation.storage
  const { get } = ephemeral
  ephemeral.get = (async (key: string) => (asked.push(key), get.call(ephemeral, key))) as typeof get
  const visitor = newVisitor('maya@example.com')
  const page = await visitor.typeEmail(await arrive(visitor))
  t.is(page.heading, 'Check your email')
  t.deepEqual(asked.filter((key) => key.startsWith('unreachable:')), [])
  server.advance(4_000)
  await visitor.browser.open(page.url)
  t.is(asked.filter((key) => key.startsWith('unreachable:')).length, 1)
})
