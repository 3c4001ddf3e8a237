/** The passkey that an account is made together with: what the operator's rules say to it, and a press that died half-way. */
import test, { type ExecutionContext } from 'ava'
import type { Rule } from '../../src/policy/rules.ts'
import { type App, createApp, shop } from '../helpers/app.ts'
import { type InProcess, startInProcess } from '../helpers/in-process.ts'
import { createNewcomer, tokensAfter } from './newcomer.ts'

async function start(t: ExecutionContext): Promise<{ server: InProcess; app: App; rules: Rule[] }> {
  const rules: Rule[] = []
  const server = await startInProcess({ config: { verification: { strategy: 'none' } }, clients: [shop], rules })
  t.teardown(() => server.dispose())
  return { server, app: await createApp(server.issuer, shop), rules }
}

const rule = (then: 'deny' | 'challenge'): Rule =>
  ({ name: `enrolment ${then}`, because: 'a test', on: ['enrolment'], when: { all: [] }, then: [then], ...(then === 'challenge' && { ask: { acr: 'phr' as const } }) })

for (const then of ['deny', 'challenge'] as const) {
  test(`a rule that says ${then}: no passkey and no account by it; the sign-up goes on by a code`, async (t) => {
    const { server, app, rules } = await start(t)
    const { passkeys, identifiers, accounts } = server.foundation.storage
    const newcomer = createNewcomer(server)
    const authorization = await app.authorize()
    const page = await newcomer.fill(authorization, { identifier: newcomer.email })
    t.is(page.heading, 'Create your passkey')
    rules.push(rule(then))
    const code = await newcomer.createPasskey(page)
    t.is(code.heading, 'Confirm your email')
    t.is(await identifiers.get(`email:${newcomer.email}`), undefined, 'nothing is made before the proof')

    const tokens = await tokensAfter(newcomer, authorization, await newcomer.prove(code, newcomer.email))
    const { sub, acr } = tokens.claims()!
    t.is(acr, 'urn:latchkey:acr:1fa')
    t.deepEqual(await passkeys.listByAccount(sub), [])
    t.truthy((await accounts.get(sub))?.identifiers[0]?.verifiedAt)
  })
}

test('a press that died between the account and its passkey: the next one goes on with the same account', async (t) => {
  const { server, app } = await start(t)
  const { passkeys, identifiers } = server.foundation.storage
  const newcomer = createNewcomer(server)
  const authorization = await app.authorize()
  const page = await newcomer.fill(authorization, { identifier: newcomer.email })
  const { insert } = passkeys
  passkeys.insert = async () => {
    passkeys.insert = insert
    throw new Error('the disk is full')
  }
  t.is((await newcomer.createPasskey(page)).status, 500)
  const made = await identifiers.get(`email:${newcomer.email}`)
  t.truthy(made)

  const again = await newcomer.browser.open(page.url)
  t.is(again.heading, 'Create your passkey')
  const ready = await newcomer.createPasskey(again)
  t.is(ready.heading, 'Your passkey is ready')
  const landing = await newcomer.browser.submit(ready, '/passkey-create')
  t.is((await authorization.finish(landing.url)).claims()?.sub, made?.accountId)
  t.is((await passkeys.listByAccount(made!.accountId)).length, 1)
  t.deepEqual(await server.outbox(), [], 'no code was needed')
})
