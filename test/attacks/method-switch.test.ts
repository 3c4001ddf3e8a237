/** "Try another way" chooses a screen. It proves nothing, and it skips nothing. */
import test, { type ExecutionContext } from 'ava'
import { baseOf, csrfOf } from '../bad-input/refused.ts'
import { type App, shop } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/set-up.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

let server: InProcess
let app: App
setUp(() => startInProcess({ clients: [shop] }), (started) => ({ server, app } = started))

const demand = { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ['phr'] } } }) }
const screens = ['', '/identifier', '/sign-up', '/email-otp', '/passkey', '/methods', '/other-device', '/help', '/create-account', '/account-exists', '/step-up', '/passkey-create', '/consent', '/recovery', '/recovery-notice', '/language', '/switch']
const bodies: Record<string, string>[] = [{}, { method: 'email_otp' }, { method: 'passkey' }, { method: 'other_device' }, { method: 'finish' }, { start: '1' }, { continue: '1' }, { not_now: '1' }, { never: '1' }, { skip: '1' }, { code: '' }, { response: '{}' }, { error: 'NotAllowedError' }, { choice: 'finish' }, { decision: 'allow' }]

/** Every form that the pages know, to every screen, due or not, and the entry after each. */
async function pressEverything(t: ExecutionContext, visitor: Visitor, page: Page): Promise<void> {
  const [base, csrf] = [baseOf(page), csrfOf(page)]
  for (const screen of screens) {
    for (const body of bodies) {
      await visitor.browser.post(page, `${base}${screen}`, new URLSearchParams({ csrf, ...body }).toString(), { 'content-type': 'application/x-www-form-urlencoded' })
      const entry = await visitor.browser.open(base)
      const code = entry.url.searchParams.get('code')
      t.is(code, null, `${screen} ${JSON.stringify(body)} gave a code`)
      t.false(entry.elsewhere, `${screen} ${JSON.stringify(body)} led to the app: ${entry.url.search}`)
    }
  }
}

test('"try another way" skip: a method that was chosen and not done is no sign-in', async (t) => {
  const owner = createVisitor(server)
  await owner.createPasskey(await owner.signUp(await owner.arrive(await app.authorize())))
  const attacker = createVisitor(server, { email: owner.email })
  const page = await attacker.typeEmail(await attacker.arrive(await app.authorize()))
  await pressEverything(t, attacker, page)
  t.is((await attacker.arrive(await app.authorize())).heading, 'Sign in')
})

test('"try another way" skip: a session of a code does not reach what needs a passkey', async (t) => {
  const owner = createVisitor(server)
  await owner.createPasskey(await owner.signUp(await owner.arrive(await app.authorize())))
  const attacker = createVisitor(server, { email: owner.email })
  await attacker.ignoreMail()
  const plain = await app.authorize()
  const landing = await attacker.typeCode(await attacker.typeEmail(await attacker.arrive(plain)))
  t.is((await plain.finish(landing.url)).claims()?.['acr'], 'urn:latchkey:acr:1fa', 'signed in with the mailbox alone')

  const stepUp = await attacker.arrive(await app.authorize(demand))
  t.is(stepUp.heading, 'Confirm it is you')
  await pressEverything(t, attacker, stepUp)
  const account = await server.foundation.storage.accounts.get((await plainSub(attacker)) ?? '')
  t.is(account?.credentialIds.length, 1, 'and no passkey was added on the way')
})

async function plainSub(visitor: Visitor): Promise<string | undefined> {
  const authorization = await app.authorize()
  const page = await visitor.arrive(authorization)
  return page.elsewhere ? (await authorization.finish(page.url)).claims()?.sub : undefined
}
