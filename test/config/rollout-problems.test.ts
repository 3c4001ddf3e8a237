/** Who is offered passkeys and where they may be, in the light of the apps that there are. */
import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'
import { withFolder } from './folder.ts'
import { testProblems } from './problem-table.ts'

const app = (latchkey: string) => `client_id: shop\ntoken_endpoint_auth_method: none\nredirect_uris: [https://shop.example.com/]\nlatchkey: ${latchkey}\n`
const explained = 'at_sign_up or before_first_login, or passkeys.creation: explain'

testProblems({
  'a rollout at apps that there are none of': {
    server: 'passkeys:\n  rollout:\n    clients: [shop, shpo, account, demo]\n',
    clients: { 'shop.yaml': app('{}') },
    problems: [['latchkey.yaml', 3, 'passkeys.rollout.clients[1]', 'is no app: nobody would be offered a passkey there', 'a client_id of one of the files in clients/']],
  },
  'no passkey is made at an app where accounts live by one': {
    server: 'verification: { strategy: none }\n',
    clients: { 'shop.yaml': app('{ passkeys: { creation: off } }') },
    problems: [['clients/shop.yaml', 4, 'latchkey.verification.strategy', 'is none for the email, and passkeys.creation is off: nobody could come back to such an account', explained]],
  },
  'accounts live by a passkey at an app where none is made': {
    clients: { 'shop.yaml': app('{ verification: { strategy: none }, passkeys: { creation: off } }') },
    problems: [['clients/shop.yaml', 4, 'latchkey.verification.strategy', 'is none for the email, and passkeys.creation is off: nobody could come back to such an account', explained]],
  },
})

test('an app that makes passkeys is right although the server makes none', async (t) => {
  await withFolder({ 'latchkey.yaml': 'passkeys: { creation: off }\n', 'clients/shop.yaml': app('{ verification: { strategy: none }, passkeys: { creation: automatic } }') }, async (folder) => {
    t.false('problems' in (await loadConfig({ folder, env: {} })))
  })
})

const warned: [string, string, string, RegExp | undefined][] = [
  ['a rollout beside accounts that begin with a passkey', 'verification: { strategy: none }\npasskeys: { rollout: { percent: 10 } }\n', '{}', /passkeys\.rollout .*strategy none/],
  ['a rollout to everybody', 'verification: { strategy: none }\npasskeys: { rollout: { percent: 100 } }\n', '{}', undefined],
  ['minimize where only passkeys sign in', 'verification: { methods: [] }\nidentifiers: { email: { signUp: off }, username: { signUp: off } }\npasskeys: { crossDevice: minimize }\n', '{}', /passkeys\.crossDevice .*methods is empty/],
  ['minimize at an app for passkeys alone', '', '{ methods: [passkey], passkeys: { crossDevice: minimize } }', /latchkey\.methods .*on other devices/],
  ['minimize of the server at an app that wants a passkey', 'passkeys: { crossDevice: minimize }\n', '{ minimumAcr: phr }', /latchkey\.minimumAcr .*on other devices/],
  ['an app of its own mind', 'passkeys: { crossDevice: minimize }\n', '{ minimumAcr: phr, passkeys: { crossDevice: standard } }', undefined],
  ['minimize where a code will do', 'passkeys: { crossDevice: minimize }\n', '{}', undefined],
]

for (const [title, server, latchkey, expected] of warned) {
  test(`warnings: ${title}`, async (t) => {
    await withFolder({ 'latchkey.yaml': server, 'clients/shop.yaml': app(latchkey) }, async (folder) => {
      const { warnings } = await loadConfig({ folder, env: {} })
      const found = warnings.filter((warning) => /passkeys\.(rollout|crossDevice)|other devices/.test(warning))
      if (expected) t.true(found.length === 1 && expected.test(found[0]!), found.join('\n'))
      else t.deepEqual(found, [])
    })
  })
}

test('people of a rollout are read as identifiers are kept', async (t) => {
  const written = '[" Ada@EXAMPLE.com", "@Bücher.example", "+44 7911 123-456", "Ada.Lovelace"]'
  await withFolder({ 'latchkey.yaml': `passkeys: { rollout: { identifiers: ${written} } }\n` }, async (folder) => {
    const outcome = await loadConfig({ folder, env: {} })
    t.deepEqual('config' in outcome && outcome.config.passkeys.rollout.identifiers, ['ada@example.com', '@xn--bcher-kva.example', '+447911123456', 'ada.lovelace'])
  })
})
