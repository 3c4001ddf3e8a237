/** The process dies between two writes: nothing that opens the account is there without the mail by which it can be stopped. */
import test from 'ava'
import { type Rig, day, notMeLink, start } from '../account/rig.ts'
import { postTo } from '../bad-input/refused.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const minute = 60_000

/** From the nth write on the store takes nothing more: the process is dead. `over`: it has done all before. */
async function dyingAt(rig: Rig, nth: number, act: () => Promise<unknown>): Promise<{ over: boolean }> {
  const { accounts, passkeys, changes, ephemeral, outbox } = rig.server.foundation.storage
  let writes = 0
  const restore: (() => void)[] = []
  const guard = <Part extends object>(part: Part, ...methods: (keyof Part)[]) => {
    for (const method of methods) {
      const whole = part[method] as (...args: unknown[]) => Promise<unknown>
      part[method] = (async (...args: unknown[]) => {
        if (++writes >= nth) throw new Error('the process is dead')
        return whole(...args)
      }) as never
      restore.push(() => void (part[method] = whole as never))
    }
  }
  guard(accounts, 'update')
  guard(passkeys, 'insert', 'update')
  guard(changes, 'insert')
  guard(ephemeral, 'set')
  guard(outbox, 'put')
  await act()
  for (const undo of restore) undo()
  await rig.server.restart()
  return { over: writes < nth }
}

async function byCode(rig: Rig, visitor: Visitor, parameters: Record<string, string> = {}) {
  rig.server.advance(16 * minute)
  await visitor.ignoreMail()
  const first = await visitor.typeEmail(await visitor.arrive(await rig.app.authorize({ prompt: 'login', ...parameters })))
  const code = first.heading === 'Check your email' ? first : await visitor.browser.submit(first, '/methods', { button: `Send a code to ${visitor.email} instead` })
  return visitor.typeCode(code)
}

/** Every mail about it, pressed. */
async function disown(rig: Rig, email: string, subject: RegExp): Promise<void> {
  for (const mail of await rig.server.outbox()) {
    if (mail.to !== email || !subject.test(mail.subject)) continue
    const page = await rig.newBrowser().open(notMeLink(mail))
    const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'No, stop it'))
    if (form) await rig.newBrowser().submit(page, form, { button: 'No, stop it' })
  }
}

test('a recovery that nobody was told of does not run, wherever its start is cut short', async (t) => {
  const rig = await start(t)
  const outcomes = new Set<string>()
  for (let nth = 1, over = false; !over; nth++) {
    const owner = await rig.newOwner()
    rig.server.advance(2 * day)
    const thief = createVisitor(rig.server, { email: owner.email })
    const page = await byCode(rig, thief, { acr_values: 'phr' })
    ;({ over } = await dyingAt(rig, nth, () => postTo(thief, page, '/recovery', { start: '1' })))
    const running = async () => (await rig.account(owner.accountId)).recovery !== undefined
    if (!(await running())) await postTo(thief, page, '/recovery', { start: '1' })
    outcomes.add(`${await running()}`)
    if (!(await running())) continue
    t.true((await rig.subjects(owner.email)).some((subject) => /recover/.test(subject)), `write ${nth}: told`)
    await disown(rig, owner.email, /recover/)
    t.false(await running(), `write ${nth}: and can be stopped`)
  }
  t.true(outcomes.has('true'))
})

for (const way of ['a code', 'a help link'] as const) {
  test(`a passkey that nobody was told of signs nobody in, wherever its creation by ${way} is cut short`, async (t) => {
    const rig = await start(t)
    const outcomes = new Set<boolean>()
    for (let nth = 1, over = false; !over; nth++) {
      const owner = await rig.newOwner({ passkey: false })
      rig.server.advance(8 * day)
      const thief = createVisitor(rig.server, { email: owner.email })
      const offer = way === 'a code' ? await byCode(rig, thief) : await byLink(rig, thief, owner.accountId)
      ;({ over } = await dyingAt(rig, nth, () => thief.createPasskey(offer)))
      const opens = await rig.passkeyOpens(thief)
      outcomes.add(opens)
      if (!opens) continue
      t.true((await rig.subjects(owner.email)).some((subject) => /passkey was added/.test(subject)), `write ${nth}: told`)
      await disown(rig, owner.email, /passkey was added/)
      t.false(await rig.passkeyOpens(thief), `write ${nth}: and can be stopped`)
    }
    t.deepEqual(outcomes, new Set([false, true]))
  })
}

async function byLink(rig: Rig, visitor: Visitor, accountId: string) {
  const intro = await visitor.browser.open(await rig.enrolLink(accountId))
  return visitor.browser.submit(intro, intro.forms.find(({ buttons }) => buttons[0]?.text === 'Continue')!)
}
