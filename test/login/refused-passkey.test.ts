/** A passkey that the server knows and does not take: its holder hears why, and the page asks for nothing by itself. */
import test from 'ava'
import { createAuthenticator } from '../helpers/authenticator.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'
import type { Passkey } from '../../src/storage/types.ts'
import { start, type Rig } from '../account/rig.ts'

async function ownerWith(rig: Rig, change: Partial<Passkey>): Promise<Visitor> {
  const owner = await rig.newOwner()
  const { id } = owner.authenticator.credentials[0]!
  await rig.server.foundation.storage.passkeys.update(id, (passkey) => ({ ...passkey, ...change }))
  return createVisitor(rig.server, owner)
}

const waitsForAutofill = (page: Awaited<ReturnType<Visitor['arrive']>>) => page.forms.some(({ data }) => data['conditional'] !== undefined)

test('a paused passkey: why, and what to do next', async (t) => {
  const rig = await start(t)
  const owner = await ownerWith(rig, { frozenAt: 1 })
  const first = await rig.arrive(owner)
  t.true(waitsForAutofill(first))
  const page = await owner.usePasskey(first)
  t.regex(page.text, /This passkey is paused/)
  t.regex(page.text, /somebody said that a change to your account was not theirs/i)
  t.regex(page.text, /another passkey/)
  t.notRegex(page.text, /Your account is fine/)
  t.false(waitsForAutofill(page), 'or the same passkey would be refused for ever')
  t.false(waitsForAutofill(await owner.browser.open(page.url)))
  t.is((await owner.typeEmail(page)).heading, 'Check your email', 'there is another way')
})

test('on a page that knows who signs in, another way comes first', async (t) => {
  const rig = await start(t)
  const owner = await ownerWith(rig, { frozenAt: 1 })
  const page = await owner.usePasskey(await owner.typeEmail(await rig.arrive(owner)))
  t.is(page.heading, 'This passkey is paused')
  const buttons = page.forms.flatMap(({ buttons }) => buttons.map(({ text }) => text)).filter((text) => text !== 'Change')
  t.regex(buttons[0] ?? '', /code/i, buttons.join())
})

test('a removed passkey: where it is to be deleted too', async (t) => {
  const rig = await start(t)
  const owner = await ownerWith(rig, { removedAt: 1, aaguid: 'fbfc3007-154e-4ecc-8c0b-6e020557d7bd' })
  const page = await owner.usePasskey(await rig.arrive(owner))
  t.regex(page.text, /This passkey was removed from your account/)
  t.regex(page.text, /Delete it in Apple Passwords too/)
  t.false(waitsForAutofill(page))
})

test('who cannot sign with it hears nothing of it', async (t) => {
  const rig = await start(t)
  const owner = await ownerWith(rig, { frozenAt: 1 })
  const real = owner.authenticator.credentials[0]!
  const forger = createAuthenticator()
  const visitor = createVisitor(rig.server, { email: owner.email, authenticator: forger })
  const page = await rig.arrive(visitor)
  const form = page.passkeyForm('get')
  const options = JSON.parse(form.data['options'] ?? '')
  const genuine = owner.authenticator.get(options, { origin: rig.server.issuer })
  const signature = Buffer.from(genuine.response.signature, 'base64url')
  signature[signature.length - 1]! ^= 1
  const response = JSON.stringify({ ...genuine, id: real.id, response: { ...genuine.response, signature: signature.toString('base64url') } })
  const refused = await visitor.browser.submit(page, form, { values: { response } })
  t.notRegex(refused.text, /paused/)
  t.regex(refused.text, /We could not check this passkey/)
})
