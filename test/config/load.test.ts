import { join } from 'node:path'
import test from 'ava'
import { loadConfig } from '../../src/config/load.ts'
import type { LoadOptions } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { parseConfig, withFolder, yaml } from './folder.ts'

async function load(options: LoadOptions): Promise<{ config: Config; warnings: string[] }> {
  const outcome = await loadConfig(options)
  if ('problems' in outcome) throw new Error(JSON.stringify(outcome.problems))
  return outcome
}

test('an empty folder, a missing one and an empty file are the default config', async (t) => {
  await withFolder({}, async (folder) => {
    t.deepEqual(await load({ folder, env: {} }), { config: parseConfig(), warnings: [] })
    t.deepEqual((await load({ folder: join(folder, 'none'), env: {} })).config, parseConfig())
  })
  await withFolder({ 'latchkey.yaml': '# nothing\n', 'README.md': 'notes', 'clients/notes.txt': 'x', 'clients/a.yaml.sample': 'x: y' }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).config, parseConfig())
  })
})

test('a comment that is no colour is only a comment', async (t) => {
  await withFolder({ 'latchkey.yaml': 'mail: # none yet\n  # smtp: x\ntheme: #later\npasskeys:\n  #112233\n' }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).config, parseConfig())
  })
})

test('a section with everything commented out is the default', async (t) => {
  await withFolder({ 'latchkey.yaml': 'mail:\n  # smtp: x\npasskeys:\n  prompts:\n' }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).config, parseConfig())
  })
})

test('the default config is the one the documentation names', (t) => {
  const config = parseConfig()
  t.is(config.issuer, 'http://localhost:3000')
  t.true(config.loopback)
  t.like(config.passkeys, { rpId: 'localhost', rpName: 'Latchkey', origins: ['http://localhost:3000'] })
  t.is(config.verification.code.life, 600_000)
  t.deepEqual(config.sessions, { idle: 14 * 86_400_000, absolute: 90 * 86_400_000, keepSignedIn: 'ask', shared: 2 * 3_600_000 })
  t.deepEqual(config.recovery, { delay: 86_400_000 })
})

test('LATCHKEY_CONFIG names the folder, and then it must be there', async (t) => {
  await withFolder({ 'latchkey.yaml': 'locales: [de]\n' }, async (folder) => {
    t.deepEqual((await load({ env: { LATCHKEY_CONFIG: folder } })).config.locales, ['de'])
    const missing = join(folder, 'none')
    const allowed = 'a folder with latchkey.yaml and clients/*.yaml; LATCHKEY_CONFIG names it'
    t.deepEqual(await loadConfig({ env: { LATCHKEY_CONFIG: missing } }), { problems: [{ file: missing, path: '', message: 'does not exist', allowed }], warnings: [] })
    const file = join(folder, 'latchkey.yaml')
    t.deepEqual(await loadConfig({ env: { LATCHKEY_CONFIG: file } }), { problems: [{ file, path: '', message: 'is not a folder', allowed }], warnings: [] })
  })
})

test('PORT wins over the file, and moves the issuer that nobody configured', async (t) => {
  await withFolder({ 'latchkey.yaml': 'server: { port: 4000 }\n' }, async (folder) => {
    t.is((await load({ folder, env: {} })).config.issuer, 'http://localhost:4000')
    const { config } = await load({ folder, env: { PORT: '5000' } })
    t.like(config, { issuer: 'http://localhost:5000', server: { port: 5000 }, passkeys: { origins: ['http://localhost:5000'] } })
  })
  const configured = await withFolder({ 'latchkey.yaml': 'issuer: http://localhost:4000\n' }, (folder) => load({ folder, env: { PORT: '5000' } }))
  t.is(configured.config.issuer, 'http://localhost:4000')
  t.is(configured.warnings.length, 1)
  t.regex(configured.warnings[0] ?? '', /latchkey\.yaml:1 {2}issuer {2}names another port than the one listened on \(5000\)$/)
})

test('a production config with a client', async (t) => {
  const files = {
    'latchkey.yaml': yaml`
      issuer: https://login.example.com
      server: { trustedProxies: [10.0.0.0/8, "fd00::/8"] }
      passkeys: { rpId: example.com }
      mail: { smtp_FILE: secrets/smtp }
      theme: { name: Example, logo: logo.svg }
      resources:
        https://api.example.com: { scopes: [orders.read] }
    `,
    'logo.svg': '<svg/>',
    'secrets/smtp': 'smtp://u:p@mail.example.com:587\n',
    'clients/shop.yaml': yaml`
      client_id: shop
      redirect_uris: [https://shop.example.com/callback]
      client_secret: \${SHOP_SECRET}
      scope: openid orders.read
      latchkey: { minimumAcr: phr, maximumAge: 90m }
    `,
    'clients/job.yaml': yaml`
      client_id: job
      client_name: Night job
      client_secret: "0123456789"
      grant_types: [client_credentials]
    `,
    'secrets/shop': 'shop secret of more than 32 characters\r\n',
  }
  await withFolder(files, async (folder) => {
    const { config, warnings } = await load({ folder, env: { SHOP_SECRET_FILE: 'secrets/shop' } })
    t.is(config.loopback, false)
    t.like(config.mail, { from: 'Example <login@login.example.com>', smtp: 'smtp://u:p@mail.example.com:587' })
    t.like(config.passkeys, { rpId: 'example.com', rpName: 'Example', origins: ['https://login.example.com'] })
    t.is(config.theme.logo, join(folder, 'logo.svg'))
    t.deepEqual(config.resources, { 'https://api.example.com': { scopes: ['orders.read'], format: 'jwt' } })

    const [job, shop] = config.clients
    t.like(job, { client_id: 'job', client_name: 'Night job', response_types: [], redirect_uris: [] })
    t.like(shop, { client_id: 'shop', client_name: 'shop', response_types: ['code'], client_secret: 'shop secret of more than 32 characters' })
    t.false(Object.keys(shop ?? {}).includes('client_secret_FILE'))
    t.deepEqual(shop?.latchkey, { firstParty: false, pkce: 'required', allowedOrigins: [], alwaysReauthenticate: false, identifiers: { email: {}, phone: {}, username: {} }, verification: {}, passkeys: { prompts: {} }, assurance: {}, theme: {}, minimumAcr: 'phr', maximumAge: 5400 })
    t.deepEqual(warnings, [`${folder}/clients/job.yaml:3  client_secret  is short and stands in the file: reference it from the environment, as "\${NAME}", and make it 32 random characters or more, as from \`openssl rand -hex 32\``])
  })
})

test('a short secret is warned of: in the file everywhere, from the environment in production', async (t) => {
  const production = 'issuer: https://login.example.com\nmail: { smtp: smtp://mail }\nserver: { trustedProxies: [::1] }\n'
  const warningsOf = (server: string, secret: string) =>
    withFolder({ 'latchkey.yaml': server, 'clients/job.yaml': `client_id: job\ngrant_types: [client_credentials]\n${secret}\n`, short: 'short' }, async (folder) => {
      const { warnings } = await load({ folder, env: { SHORT: 'short' } })
      return warnings.map((warning) => /client_secret {2}(.*?):/.exec(warning)?.[1])
    })
  for (const server of ['', production]) {
    t.deepEqual(await warningsOf(server, 'client_secret: short'), ['is short and stands in the file'])
    t.deepEqual(await warningsOf(server, `client_secret: ${'long'.repeat(8)}`), [])
  }
  for (const secret of ['client_secret: "${SHORT}"', 'client_secret_FILE: short']) {
    t.deepEqual(await warningsOf('', secret), [])
    t.deepEqual(await warningsOf(production, secret), ['is short'])
  }
})

test('https without a trusted proxy works, but hardly as meant', async (t) => {
  const server = 'issuer: https://login.example.com\nmail: { smtp: smtp://mail }\n'
  const { warnings } = await withFolder({ 'latchkey.yaml': server }, (folder) => load({ folder, env: {} }))
  t.is(warnings.length, 1)
  t.regex(warnings[0] ?? '', /latchkey\.yaml:1 {2}server\.trustedProxies {2}is empty/)
})

test('rules about the country are a warning where nobody says it', async (t) => {
  const rules = yaml`
    rules:
      - { name: at-home, on: sign_in, when: { not: { any: [{ country: GB }] } }, then: notify, because: x }
      - { name: of-app, on: sign_in, when: { client: demo }, then: notify, because: x }
      - { name: abroad, on: sign_up, when: { country: XX, browser: { inApp: true } }, then: deny, because: x }
  `
  const warningsWith = (server: string, more = rules) => withFolder({ 'latchkey.yaml': server, 'policy/rules.yaml': more }, async (folder) => {
    const { warnings } = await loadConfig({ folder, env: {} })
    return warnings.map((warning) => warning.replace(`${folder}/`, ''))
  })
  const allowed = '(allowed: the header in which your proxy says the country, as in CF-IPCountry)'
  const proxied = 'server:\n  trustedProxies: [::1]\n  location:'
  t.deepEqual(await warningsWith('locales: [en]\nserver: {}\n'), [`latchkey.yaml:2  server.location.country  is missing: no country is ever known to the rules at-home, abroad ${allowed}`])
  t.deepEqual(await warningsWith(`${proxied} { city: CF-IPCity }\n`, rules.replace(/.*at-home.*\n/, '')), [`latchkey.yaml:3  server.location.country  is missing: no country is ever known to the rule abroad ${allowed}`])
  t.deepEqual(await warningsWith(`${proxied} { country: CF-IPCountry }\n`), [])
  t.deepEqual(await warningsWith(`${proxied} { country: "not a header" }\n`), [], 'the problem itself is told')
  t.deepEqual(await warningsWith('', rules.replace(/.*country.*\n/g, '')), [])
})

test('a variable stands anywhere in a text, its content is not looked at again', (t) => {
  const config = parseConfig({ theme: { name: 'Example ${STAGE} ${STAGE}' } }, { STAGE: '${X}' })
  t.is(config.theme.name, 'Example ${X} ${X}')
})

test('the built-in mailbox is for this machine without a mail server', (t) => {
  const smtp = 'smtp://mail'
  t.true(parseConfig().builtInMailbox)
  t.false(parseConfig({ mail: { smtp } }).builtInMailbox)
  t.false(parseConfig({ issuer: 'https://login.example.com', mail: { smtp } }).builtInMailbox)
})

test('texts are shown on this machine alone, where nobody sends them', (t) => {
  const sms = { url: 'https://sms.example.com/', secret: 'x'.repeat(32) }
  t.true(parseConfig().builtInPhone)
  t.true(parseConfig({ mail: { smtp: 'smtp://mail' } }).builtInPhone)
  t.false(parseConfig({ sms }).builtInPhone)
  t.false(parseConfig({ issuer: 'https://login.example.com', mail: { smtp: 'smtp://mail' } }).builtInPhone)
  t.like(parseConfig({ sms }).sms, { kind: 'webhook', channel: 'sms', privateNetwork: false })
})

test('the secret of texts can stand in a file', async (t) => {
  const files = { 'latchkey.yaml': 'sms:\n  url: https://sms.example.com/\n  secret_FILE: sms-secret\n', 'sms-secret': `${'s'.repeat(32)}\n` }
  await withFolder(files, async (folder) => t.is((await load({ folder, env: {} })).config.sms?.secret, 's'.repeat(32)))
})

test('levels that an app prefers and its methods cannot reach are a warning', async (t) => {
  const client = (methods: string) =>
    `client_id: shop\ntoken_endpoint_auth_method: none\nredirect_uris: [https://shop.example.com/]\ndefault_acr_values: [phr]\nlatchkey: { methods: [${methods}] }\n`
  await withFolder({ 'clients/shop.yaml': client('email_otp') }, async (folder) => {
    const { warnings } = await load({ folder, env: {} })
    t.deepEqual(warnings, [`${folder}/clients/shop.yaml:4  default_acr_values  is reached by none of latchkey.methods`])
  })
  await withFolder({ 'clients/shop.yaml': client('email_otp, passkey') }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).warnings, [])
  })
})

test('the operator\'s rules stand in place of ours; his list of domains is read for either', async (t) => {
  const list = 'bad.example  # since May\n\n# worse\nWORSE.example\n'
  const domains = (config: Config) => {
    const condition = config.rules.find(({ name }) => name === 'blocked-domain')?.when
    return condition && 'signal' in condition && 'domainIn' in condition.test ? [...condition.test.domainIn] : undefined
  }
  t.deepEqual(domains(parseConfig()), [])
  await withFolder({ 'policy/blocked-domains.txt': list }, async (folder) => {
    t.deepEqual(domains((await load({ folder, env: {} })).config), ['bad.example', 'worse.example'])
  })
  await withFolder({ 'policy/rules.yaml': 'rules: []\n' }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).config.rules, [])
  })
  const text = yaml`
    rules:
      - name: abroad
        on: [sign_in, recovery]
        when:
          any:
            - not: { country: [GB, IE] }
            - device: { recognised: false, age: { below: 7d } }
              proof: { level: { below: phr } }
          client: demo
        then: [challenge, notify]
        ask: { level: phr, methods: [passkey, email_otp] }
        because: Nobody of us is there.
  `
  await withFolder({ 'policy/rules.yaml': text }, async (folder) => {
    t.deepEqual((await load({ folder, env: {} })).config.rules, [{
      name: 'abroad',
      on: ['sign_in', 'recovery'],
      when: {
        all: [
          {
            any: [
              { not: { signal: 'country', test: { oneOf: new Set(['GB', 'IE']) } } },
              {
                all: [
                  { signal: 'device.recognised', test: { is: false } },
                  { signal: 'device.age', test: { below: 7 * 86_400_000 } },
                  { signal: 'proof.level', test: { below: 3 } },
                ],
              },
            ],
          },
          { signal: 'client', test: { oneOf: new Set(['demo']) } },
        ],
      },
      then: ['challenge', 'notify'],
      ask: { acr: 'phr', methods: ['passkey', 'email_otp'] },
      because: 'Nobody of us is there.',
    }])
  })
})
