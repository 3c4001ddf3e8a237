/** Origins and apps that may use the passkeys. */
import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'
import { parseConfig, withFolder, yaml } from './folder.ts'
import { originForm, testProblems } from './problem-table.ts'

const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':')
const smtp = 'smtp://localhost'

testProblems({
  'related origins that no browser would take': {
    server: yaml`
      issuer: https://login.example.com
      mail: { smtp: smtp://localhost }
      passkeys:
        relatedOrigins:
          - http://example.de
          - https://example.co.uk/
          - https://example.fr
    `,
    problems: [
      ['latchkey.yaml', 6, 'passkeys.relatedOrigins[1]', 'is not an origin', originForm],
    ],
  },
  'a related origin without TLS': {
    server: yaml`
      issuer: https://login.example.com
      mail: { smtp: smtp://localhost }
      passkeys:
        relatedOrigins:
          - https://example.fr
          - http://example.de
    `,
    problems: [['latchkey.yaml', 6, 'passkeys.relatedOrigins[1]', 'is not https', 'https origins']],
  },
  'apps that are none': {
    server: yaml`
      passkeys:
        apps:
          apple: [com.example.app, ABCDE12345.com.example.app, abcde12345.com.example.app]
          android:
            example: ["\${PRINT}"]
            com.example.app: [AB:CD]
            com.example.empty: []
    `,
    env: { PRINT: fingerprint },
    problems: [
      ['latchkey.yaml', 3, 'passkeys.apps.apple[0]', 'is not an app ID', 'ten letters and digits, a full stop and the bundle ID, as in ABCDE12345.com.example.app'],
      ['latchkey.yaml', 3, 'passkeys.apps.apple[2]', 'is not an app ID', 'ten letters and digits, a full stop and the bundle ID, as in ABCDE12345.com.example.app'],
      ['latchkey.yaml', 5, 'passkeys.apps.android.example', 'is not the name of an Android package', 'the application ID, as in com.example.app'],
      ['latchkey.yaml', 6, 'passkeys.apps.android["com.example.app"][0]', 'is not a SHA-256 fingerprint', '32 pairs of hexadecimal digits with colons between them, as in 14:6D:E9:… (SHA-256, not SHA-1)'],
      ['latchkey.yaml', 7, 'passkeys.apps.android["com.example.empty"]', 'is empty or too short', 'a list of: 32 pairs of hexadecimal digits with colons between them, as in 14:6D:E9:… (SHA-256, not SHA-1)'],
    ],
  },
})

async function warningsOf(passkeys: object): Promise<string[]> {
  const text = JSON.stringify({ issuer: 'https://login.example.com', server: { trustedProxies: ['10.0.0.1'] }, mail: { smtp }, passkeys })
  return withFolder({ 'latchkey.yaml': text }, async (folder) => {
    const outcome = await loadConfig({ folder, env: {} })
    if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))
    return outcome.warnings.map((warning) => warning.replace(/^.*latchkey\.yaml:\d+ {2}/, ''))
  })
}

test('answers are accepted from the issuer and what is related to it, or from exactly what the operator lists', (t) => {
  const base = { issuer: 'https://login.example.com', mail: { smtp } }
  const relatedOrigins = ['https://example.de', 'https://example.co.uk']
  t.deepEqual(parseConfig({ ...base, passkeys: {} }).passkeys.origins, ['https://login.example.com'])
  t.deepEqual(parseConfig({ ...base, passkeys: { relatedOrigins } }).passkeys.origins, ['https://login.example.com', ...relatedOrigins])
  const origins = ['https://login.example.com', 'https://example.de']
  t.deepEqual(parseConfig({ ...base, passkeys: { relatedOrigins, origins } }).passkeys.origins, origins)
  t.throws(() => parseConfig({ ...base, passkeys: { relatedOrigins, origins: [...origins, 'https://example.fr'] } }), { message: /"passkeys\.origins\[2\]","message":"is not at or below login\.example\.com"/ })
})

test('apps are known by what their platforms call them', (t) => {
  const base = { issuer: 'https://login.example.com', mail: { smtp } }
  const android = { 'com.example.app': [fingerprint, fingerprint.toLowerCase()], 'com.example.beta': [fingerprint.replace('AB', '00')] }
  const { appOrigins } = parseConfig({ ...base, passkeys: { rpId: 'example.com', apps: { apple: ['ABCDE12345.com.example.app'], android } } }).passkeys
  const hash = Buffer.alloc(32, 0xab)
  const other = Buffer.from(hash)
  other[0] = 0
  t.deepEqual(appOrigins, ['https://example.com', `android:apk-key-hash:${hash.toString('base64url')}`, `android:apk-key-hash:${other.toString('base64url')}`])
  t.deepEqual(parseConfig({ ...base, passkeys: { rpId: 'example.com' } }).passkeys.appOrigins, [])
})

test('what works, but not as meant: a list that is too long or of no use, and files that are looked for elsewhere', async (t) => {
  const five = ['https://example.de', 'https://www.example.co.uk', 'https://shop.example.com.au', 'https://two.com', 'https://three.com', 'https://four.com', 'https://five.fr']
  t.deepEqual(await warningsOf({ relatedOrigins: five, apps: { apple: ['ABCDE12345.com.example.app'] } }), [])
  t.deepEqual(await warningsOf({ relatedOrigins: [...five, 'https://six.org'] }), [
    'passkeys.relatedOrigins  has 6 different names (example, two, three, four, five, six), and browsers may look at no more than the first 5 (allowed: names before the public suffix: example.de and example.co.uk share one)',
  ])
  t.deepEqual(await warningsOf({ rpId: 'example.com', relatedOrigins: ['https://example.de', 'https://shop.example.com'], apps: { android: { 'com.example.app': [fingerprint] } } }), [
    'passkeys.relatedOrigins[1]  is at or below example.com: browsers need no list for it; passkeys.origins is for it',
    "passkeys.rpId  is not the issuer's host: browsers and phones look at https://example.com/.well-known/webauthn, https://example.com/.well-known/assetlinks.json, which must answer as https://login.example.com does, without a redirect",
  ])
  t.deepEqual(await warningsOf({ rpId: 'example.com' }), [])
})
