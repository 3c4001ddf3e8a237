import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'
import { strategiesFor } from '../../src/policy/strategy.ts'
import { withFolder, yaml } from './folder.ts'
import { testProblems } from './problem-table.ts'

const oneKind = 'signUp: required or optional for one of email, phone, username'
const aMethod = 'email_otp or email_link where sign-up asks for an email, sms_otp where it asks for a phone number'
const recoverable = 'recovery_code among them, or an email or phone number that sign-up requires'
const strategies = 'at_sign_up or before_first_login, or passkeys.creation: explain'
const smsNeeded = 'sms: with url and secret; without it the issuer must be http://localhost:<port>'
const secret = '0123456789abcdef0123456789abcdef'

const production = 'issuer: https://login.example.com\nmail: { smtp: smtp://mail }\nserver: { trustedProxies: [10.0.0.0/8] }\n'
const app = (latchkey: string) => `client_id: shop\ntoken_endpoint_auth_method: none\nredirect_uris: [https://shop.example.com/]\nlatchkey: ${latchkey}\n`

testProblems({
  'nobody signs in, nobody signs up': {
    server: 'identifiers:\n  email: { signIn: false, signUp: off }\n',
    problems: [
      ['latchkey.yaml', 1, 'identifiers', 'lets nobody sign in: signIn is false for every kind', 'signIn: true for one of email, phone, username'],
      ['latchkey.yaml', 1, 'identifiers', 'lets nobody sign up: signUp is off for every kind', oneKind],
    ],
  },
  'identifiers of the wrong kind': {
    server: yaml`
      identifiers:
        email: { signIn: yes, signUp: always, max: 0 }
        phone: { defaultRegion: England, max: 6 }
        username: { pattern: "[a-z", reserved: admin }
        pager: { signIn: true }
    `,
    problems: [
      ['latchkey.yaml', 2, 'identifiers.email.signIn', 'is text', 'true or false'],
      ['latchkey.yaml', 2, 'identifiers.email.signUp', 'is not one of the known values', 'required, optional, off'],
      ['latchkey.yaml', 2, 'identifiers.email.max', 'is too small', 'a whole number from 1 to 20'],
      ['latchkey.yaml', 3, 'identifiers.phone.max', 'is too large', 'a whole number from 1 to 5'],
      ['latchkey.yaml', 3, 'identifiers.phone.defaultRegion', 'is not a country code', 'two capital letters (ISO 3166), as in GB'],
      ['latchkey.yaml', 4, 'identifiers.username.pattern', 'is not a regular expression', 'a regular expression (JavaScript, with the u flag), matched against the whole name'],
      ['latchkey.yaml', 4, 'identifiers.username.reserved', 'is text', 'a list of: text on one line, 1 to 128 characters'],
      ['latchkey.yaml', 5, 'identifiers.pager', 'is not a known setting', 'phone, email, username, enumeration'],
    ],
  },
  'a pattern of names that somebody could stop the server with': {
    server: yaml`
      identifiers:
        username:
          pattern: "([a-z]+-?)+"
    `,
    problems: [['latchkey.yaml', 3, 'identifiers.username.pattern', 'takes very long for some names, and anybody may type them', 'a pattern without a repetition inside a repetition, as in [a-z0-9]+(?:-[a-z0-9]+)*']],
  },
  'methods and strategies of the wrong kind': {
    server: yaml`
      verification:
        strategy: { email: later, phone: none }
        methods: [email_otp, password]
        code: { alphabet: runes }
    `,
    problems: [
      ['latchkey.yaml', 2, 'verification.strategy', 'is not a strategy', 'none, at_sign_up or before_first_login, or { email: …, phone: … } with one of them each'],
      ['latchkey.yaml', 3, 'verification.methods[1]', 'is not one of the known values', 'email_otp, email_link, sms_otp, totp, recovery_code'],
      ['latchkey.yaml', 4, 'verification.code.alphabet', 'is not one of the known values', 'digits, letters'],
    ],
  },
  'what sign-up asks for can be proven by nothing': {
    server: yaml`
      identifiers:
        phone: { signUp: optional }
      verification:
        methods: [totp, recovery_code, totp]
    `,
    problems: [
      ['latchkey.yaml', 4, 'verification.methods', 'names a method twice', 'each method once'],
      ['latchkey.yaml', 4, 'verification.methods', 'lets nobody prove the email and phone number that sign-up asks for', aMethod],
    ],
  },
  'a username alone, without recovery codes or passkeys': {
    server: yaml`
      identifiers:
        email: { signUp: optional }
        username: { signIn: true, signUp: required }
      verification: { methods: [email_otp, totp] }
      passkeys: { creation: off }
    `,
    problems: [
      ['latchkey.yaml', 4, 'verification.methods', 'lacks recovery_code: who has a username alone could come back by nothing else', recoverable],
      ['latchkey.yaml', 5, 'passkeys.creation', 'is off: who has a username alone could not come back without a passkey', 'explain, or an email or phone number that sign-up requires'],
    ],
  },
  'accounts that nothing would ever open': {
    server: yaml`
      verification: { strategy: none }
      passkeys: { creation: off }
    `,
    problems: [['latchkey.yaml', 1, 'verification.strategy', 'is none for the email, and passkeys.creation is off: nobody could come back to such an account', strategies]],
  },
  'accounts that nothing would ever open, unless people add a number': {
    server: yaml`
      identifiers: { phone: { signUp: optional } }
      verification: { strategy: { email: none, phone: at_sign_up } }
      passkeys: { creation: off }
    `,
    problems: [['latchkey.yaml', 2, 'verification.strategy', 'is none for the email, and passkeys.creation is off: nobody could come back to such an account', strategies]],
  },
  'phone numbers without anybody who sends texts': {
    server: `${production}identifiers: { phone: { signIn: true } }\n`,
    problems: [['latchkey.yaml', 1, 'sms', 'is missing: phone numbers are in use, and no text could be sent', smsNeeded]],
  },
  'texts without a secret, to this machine': {
    server: `${production}sms:\n  url: http://127.0.0.1:9000/texts\n`,
    problems: [
      ['latchkey.yaml', 4, 'sms.secret', 'is missing: your receiver could not tell our calls from those of others', '${NAME} or secret_FILE; 32 random characters or more, as from `openssl rand -hex 32`'],
      ['latchkey.yaml', 5, 'sms.url', 'is on this machine or in a private network, and such addresses are not called', 'a public address, or sms.privateNetwork: true'],
    ],
  },
  'texts to a receiver that is none': {
    server: yaml`
      sms: { url: "http://sms.example.com/", secret: short, kind: twilio, channel: pigeon }
    `,
    problems: [
      ['latchkey.yaml', 1, 'sms.kind', 'is not one of the known values', 'webhook'],
      ['latchkey.yaml', 1, 'sms.url', 'is not a safe web address', 'an https:// address (http:// only for localhost, 127.0.0.1 and [::1])'],
      ['latchkey.yaml', 1, 'sms.secret', 'is empty or too short', 'text of 32 characters or more'],
      ['latchkey.yaml', 1, 'sms.channel', 'is not one of the known values', 'sms, whatsapp'],
    ],
  },
  'apps that contradict the server': {
    server: `${production}verification: { methods: [email_otp, totp] }\npasskeys: { creation: off }\n`,
    clients: {
      'a.yaml': app('{ methods: [passkey, sms_otp] }'),
      'b.yaml': app('{ identifiers: { email: { signIn: false, signUp: off } } }').replace('shop', 'b'),
      'c.yaml': app('{ identifiers: { phone: { signUp: required } } }').replace('shop', 'c'),
      'd.yaml': app('{ identifiers: { email: { signUp: off }, username: { signUp: required } } }').replace('shop', 'd'),
      'e.yaml': app('{ verification: { strategy: none } }').replace('shop', 'e'),
    },
    problems: [
      ['clients/a.yaml', 4, 'latchkey.methods[1]', 'is not among verification.methods', 'passkey, and methods under verification.methods in latchkey.yaml'],
      ['clients/b.yaml', 4, 'latchkey.identifiers', 'lets nobody sign in: signIn is false for every kind', 'signIn: true for one of email, phone, username'],
      ['clients/b.yaml', 4, 'latchkey.identifiers', 'lets nobody sign up: signUp is off for every kind', oneKind],
      ['clients/c.yaml', 4, 'latchkey.identifiers', 'lets nobody prove the phone number that sign-up asks for', `in verification.methods of latchkey.yaml: ${aMethod}`],
      ['clients/c.yaml', 4, 'latchkey.identifiers.phone', 'uses phone numbers, and no text could be sent', 'together with sms in latchkey.yaml'],
      ['clients/d.yaml', 4, 'latchkey.identifiers', 'allows a username alone, and verification.methods lacks recovery_code: nobody could come back', 'recovery_code in verification.methods of latchkey.yaml, or an email or phone number that sign-up requires'],
      ['clients/d.yaml', 4, 'latchkey.identifiers', 'allows a username alone, and passkeys.creation is off: nobody could come back', 'an email or phone number that sign-up requires, or passkeys.creation: explain in latchkey.yaml'],
      ['clients/e.yaml', 4, 'latchkey.verification.strategy', 'is none for the email, and passkeys.creation is off: nobody could come back to such an account', strategies],
    ],
  },
  'an app that only takes what nobody has': {
    clients: { 'a.yaml': app('{ methods: [sms_otp] }') },
    problems: [['clients/a.yaml', 4, 'latchkey.methods', 'lets nobody in: nobody has what these are sent to', 'a method that people can have: with phone numbers switched on for sms_otp, emails for email_otp and email_link']],
  },
  'an app is not blamed for what is wrong on the server': {
    server: 'identifiers:\n  email: { signIn: false, signUp: off }\n',
    clients: { 'a.yaml': app('{ identifiers: { phone: { signUp: off } } }') },
    problems: [
      ['latchkey.yaml', 1, 'identifiers', 'lets nobody sign in: signIn is false for every kind', 'signIn: true for one of email, phone, username'],
      ['latchkey.yaml', 1, 'identifiers', 'lets nobody sign up: signUp is off for every kind', oneKind],
    ],
  },
})

const fine: Record<string, { server: string; latchkey?: string }> = {
  'phone numbers with somebody who sends texts': { server: `${production}identifiers: { phone: { signIn: true, signUp: required } }\nsms: { url: "https://sms.example.com/", secret: ${secret} }\n` },
  'a receiver in the own network that is said to be there': { server: `${production}sms: { url: "https://10.1.2.3/", secret: ${secret}, privateNetwork: true }\n` },
  'phone numbers at localhost, where texts are shown': { server: 'identifiers: { phone: { signIn: true, signUp: optional, defaultRegion: GB } }\n' },
  'an unproven email beside a number that is proven, without passkeys': {
    server: 'identifiers: { enumeration: friendly, phone: { signUp: required } }\nverification: { strategy: { email: none, phone: at_sign_up } }\npasskeys: { creation: off }\n',
  },
  'codes by mail alone': { server: 'verification: { methods: [email_otp] }\n' },
  'a strategy for each': { server: 'verification: { strategy: { phone: none } }\n' },
  'an app of passkeys alone': { server: '', latchkey: '{ methods: [passkey] }' },
  'an app that has a phone number besides': { server: '', latchkey: '{ methods: [sms_otp, totp], identifiers: { phone: { signIn: true, signUp: required } } }' },
}
for (const [title, { server, latchkey }] of Object.entries(fine)) {
  test(`config: nothing is said against ${title}`, async (t) => {
    const files = { 'latchkey.yaml': server, ...(latchkey !== undefined && { 'clients/shop.yaml': app(latchkey) }) }
    await withFolder(files, async (folder) => {
      const outcome = await loadConfig({ folder, env: {} })
      t.deepEqual(['problems' in outcome && outcome.problems, outcome.warnings], [false, []])
    })
  })
}

/** file, line, path and message of every warning */
async function warningsOf(files: Record<string, string>): Promise<string[]> {
  return withFolder(files, async (folder) => (await loadConfig({ folder, env: {} })).warnings.map((warning) => warning.replace(`${folder}/`, '')))
}

test('a username alone is warned of: nobody can recover such an account by themselves', async (t) => {
  const warning = 'lets people have an account with a username alone: who loses the passkey and the recovery codes has lost the account, and nobody can recover it by themselves; sign-up makes everybody save recovery codes'
  const server = 'identifiers:\n  enumeration: friendly\n  email: { signIn: false, signUp: off }\n  username: { signIn: true, signUp: required }\n'
  t.deepEqual(await warningsOf({ 'latchkey.yaml': server }), [`latchkey.yaml:1  identifiers  ${warning}`])
  t.deepEqual(await warningsOf({ 'latchkey.yaml': server, 'clients/a.yaml': app('{ firstParty: true }') }), [`latchkey.yaml:1  identifiers  ${warning}`])

  const friendly = 'identifiers: { enumeration: friendly }\n'
  const usernames = app('{ identifiers: { email: { signUp: optional }, username: { signUp: optional } } }')
  t.deepEqual(await warningsOf({ 'latchkey.yaml': friendly, 'clients/a.yaml': usernames }), [`clients/a.yaml:4  latchkey.identifiers  ${warning}`])
})

test('protect is warned of where sign-up cannot hide who has an account', async (t) => {
  const rest = 'Guesses are throttled there; sign-in tells nothing'
  const why = {
    username: 'a username that is taken has to be refused',
    email: 'an unproven email that is taken has to be refused',
    both: 'an unproven email or phone number that is taken has to be refused',
  }
  const said = (reason: string) => `lets sign-up tell who has an account, although identifiers.enumeration is protect: ${reason}. ${rest}`
  t.deepEqual(await warningsOf({ 'latchkey.yaml': 'locales: [en]\nidentifiers:\n  email: { max: 3 }\n  username: { signUp: optional }\n' }), [`latchkey.yaml:4  identifiers.username.signUp  ${said(why.username)}`])
  t.deepEqual(await warningsOf({ 'latchkey.yaml': 'locales: [en]\nverification: { strategy: before_first_login }\n' }), [`latchkey.yaml:2  verification.strategy  ${said(why.email)}`])
  t.deepEqual(await warningsOf({ 'latchkey.yaml': 'identifiers: { phone: { signUp: optional } }\nverification: { strategy: none }\n' }), [`latchkey.yaml:2  verification.strategy  ${said(why.both)}`])
  t.deepEqual(await warningsOf({ 'clients/a.yaml': app('{ verification: { strategy: { email: none } } }') }), [
    `clients/a.yaml:4  latchkey  lets sign-up tell who has an account, although identifiers.enumeration is protect: ${why.email}`,
  ])
  t.deepEqual(await warningsOf({ 'latchkey.yaml': 'identifiers: { enumeration: friendly }\nverification: { strategy: none }\n' }), [])
})

test('an app that has a strategy for one kind leaves the other as it is on the server', async (t) => {
  const server = 'identifiers: { enumeration: friendly }\nverification: { strategy: before_first_login }\n'
  await withFolder({ 'latchkey.yaml': server, 'clients/a.yaml': app('{ verification: { strategy: { email: none } } }') }, async (folder) => {
    const outcome = await loadConfig({ folder, env: {} })
    if ('problems' in outcome) return t.fail(JSON.stringify(outcome.problems))
    t.deepEqual(outcome.config.clients[0]?.latchkey.verification.strategy, { email: 'none' })
    t.deepEqual(strategiesFor(outcome.config.verification.strategy, outcome.config.clients[0]?.latchkey.verification.strategy), { email: 'none', phone: 'before_first_login' })
  })
})

test('a strategy that the level of an app leaves nothing of is warned of', async (t) => {
  const files = { 'latchkey.yaml': 'identifiers: { enumeration: friendly }\n', 'clients/a.yaml': app('{ minimumAcr: phr, verification: { strategy: before_first_login } }') }
  t.deepEqual(await warningsOf(files), ['clients/a.yaml:4  latchkey.verification.strategy  is before_first_login, but minimumAcr asks for a proof at once: only who creates a passkey gets in without'])
})
