/** What sends, guesses, or asks whether an address has an account counts per network, whichever button it is behind. */
import test from 'ava'
import { fresh, typeIdentifier, proveUnowned } from '../../src/login/state.ts'
import { account, createRig, rightCode, type World } from './rig.ts'

const email = 'maya@example.com'
const typed = typeIdentifier(fresh(), { kind: 'email', value: email }, 'sign_in')
const world = (state: World['state'] = typed): World => ({ request: {}, accounts: [account(email, ['passkey of maya'])], prompts: [], ...(state && { state }) })
const form = (path: string) => ({ action: `/interaction/u${path}`, method: 'post' as const, values: { csrf: 'token' }, buttons: [], hidden: false, data: {} })

const posts: [name: string, world: World, path: string, values: Record<string, string>, counted: string[]][] = [
  ['Continue', world(fresh()), '/identifier', { identifier: email }, ['code_sent']],
  ['Continue at sign-up', world(fresh('sign_up')), '/sign-up', { identifier: email }, ['code_sent']],
  ['a code', world(), '/email-otp', { code: rightCode }, ['code_typed']],
  ['a new code', world(), '/email-otp', { resend: '1' }, ['code_sent']],
  ['the code among the other ways', world(), '/methods', { method: 'email_otp' }, ['code_sent']],
  ['the way back to the app', world(), '/abort', {}, ['aborted']],
  ['a passkey that is right', world(), '/passkey', { response: 'passkey of maya' }, []],
  ['the account of a proven mailbox', world(proveUnowned(typeIdentifier(fresh(), { kind: 'email', value: 'new@example.net' }, 'sign_in'), { method: 'email_otp', identifier: { kind: 'email', value: 'new@example.net' }, at: 1 })), '/create-account', {}, []],
]

for (const [name, from, path, values, counted] of posts) {
  test(`${name}: ${counted.join() || 'nothing'} is counted`, async (t) => {
    const rig = await createRig()
    t.teardown(() => rig.dispose())
    await rig.press(from, form(path), values)
    t.deepEqual(rig.throttled, counted)
  })
}

test('where people are told that an address is unknown, asking counts', async (t) => {
  const rig = await createRig((config) => ({ ...config, identifiers: { ...config.identifiers, enumeration: 'friendly' } }))
  t.teardown(() => rig.dispose())
  await rig.press(world(fresh()), form('/identifier'), { identifier: 'new@example.net' })
  await rig.press(world({ ...typeIdentifier(fresh(), { kind: 'email', value: 'new@example.net' }, 'sign_in'), unknown: true }), form('/create-account'))
  await rig.press(world(fresh('sign_up')), form('/sign-up'), { identifier: email })
  t.deepEqual(rig.throttled, ['address_asked', 'code_sent', 'address_asked'])
})
