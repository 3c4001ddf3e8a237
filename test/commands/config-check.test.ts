import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { withFolder } from '../config/folder.ts'

const script = join(import.meta.dirname, '../../src/commands/config-check.ts')

async function check(env: Record<string, string>) {
  const { PORT: _, ...inherited } = process.env
  const child = spawn(process.execPath, [script], { env: { ...inherited, ...env } })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, stdout, stderr }
}

test('config:check ends with 0 and a summary', async (t) => {
  await withFolder({ 'latchkey.yaml': 'issuer: http://127.0.0.1:3000\n' }, async (folder) => {
    const { code, stdout, stderr } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 0)
    t.regex(stdout, /^The config is valid\.\n {2}issuer {5}http:\/\/127\.0\.0\.1:3000 \(port 3000\)\n/)
    t.regex(stderr, /^warning: .*latchkey\.yaml:1 {2}issuer {2}is an IP address/)
  })
})

test('config:check says how people sign in, and where texts go without naming a key in the address', async (t) => {
  const sms = `sms: { url: "https://sms.example.com/in?key=hidden", secret: ${'x'.repeat(32)} }`
  await withFolder({ 'latchkey.yaml': `identifiers: { phone: { signIn: true } }\nverification: { methods: [email_otp, sms_otp] }\n${sms}\n` }, async (folder) => {
    const { code, stdout } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 0)
    t.regex(stdout, /^ {2}sign-in {4}by email, phone; besides passkeys: email_otp, sms_otp$/m)
    t.regex(stdout, /^ {2}texts {6}posted to https:\/\/sms\.example\.com$/m)
    t.notRegex(stdout, /hidden|xxxx/)
  })
})

test('config:check leaves out the methods that nobody could sign in by, and warns where it is written', async (t) => {
  const files = { 'latchkey.yaml': 'locales: [en]\nidentifiers:\n  email: { signIn: false, signUp: off }\n  username: { signIn: true, signUp: required }\n' }
  await withFolder(files, async (folder) => {
    const { code, stdout, stderr } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 0)
    t.regex(stdout, /^ {2}sign-in {4}by username; besides passkeys: totp, recovery_code$/m)
    t.regex(stderr, /^warning: .*latchkey\.yaml:4 {2}identifiers\.username\.signUp {2}lets sign-up tell who has an account/m)
  })
  const shop = 'client_id: shop\ntoken_endpoint_auth_method: none\nredirect_uris: [https://shop.example.com/]\nlatchkey: { identifiers: { email: { signUp: optional } } }\n'
  await withFolder({ ...files, 'clients/shop.yaml': shop }, async (folder) => {
    const { stdout } = await check({ LATCHKEY_CONFIG: folder })
    t.regex(stdout, /besides passkeys: email_otp, email_link, totp, recovery_code$/m, 'at one app people have emails')
  })
})

test('config:check says what becomes of an accent', async (t) => {
  await withFolder({ 'latchkey.yaml': 'theme: { accent: "#ffee00" }\n' }, async (folder) => {
    const { code, stdout, stderr } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 0)
    t.regex(stdout, /^ {2}accent {5}#ffee00, on pages light: button #[0-9a-f]{6}, links #[0-9a-f]{6}; dark: button /m)
    t.regex(stderr, /^warning: .*latchkey\.yaml:1 {2}theme\.accent {2}is hard to read as it is \(#ffee00\); buttons become light: #[0-9a-f]{6}; dark: /)
  })
})

test('config:check ends with 1 and every problem on a line of its own', async (t) => {
  await withFolder({ 'latchkey.yaml': 'server:\n  prot: 1\nlocale: [en]\n' }, async (folder) => {
    const { code, stdout, stderr } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 1)
    t.is(stdout, '')
    t.deepEqual(stderr.replaceAll(`${folder}/`, '').split('\n'), [
      'latchkey.yaml:2  server.prot  is not a known setting, did you mean server.port? (allowed: port, location, metricsPort, trustedProxies)',
      'latchkey.yaml:3  locale  is not a known setting, did you mean locales? (allowed: locales, storage, mail, theme, issuer, server, recovery, sms, …)',
      '',
      '2 problems. The server would not start with this config.',
      '',
    ])
  })
})

test('config:check says everything at once: settings, files and what is hardly meant', async (t) => {
  const files = {
    'latchkey.yaml': 'issuer: http://127.0.0.1:3000\nserver: { port: 0 }\ntheme:\n  logo: logo.svg\n  accent: #118844\n',
    'clients/job.yaml': 'client_id: job\nclient_secret: "0123456789"\ngrant_types: [client_credentials]\nlatchkey: { theme: { accent: "#ffee00" } }\n',
    'clients/shop.yaml': 'client_id: [shop]\n',
  }
  await withFolder(files, async (folder) => {
    const { code, stderr } = await check({ LATCHKEY_CONFIG: folder })
    t.is(code, 1)
    const places = stderr.replaceAll(`${folder}/`, '').split('\n').map((line) => /^(?:warning: )?\S+ {2}\S+ {2}\w+ \w+/.exec(line)?.[0])
    t.deepEqual(places.filter((place) => place !== undefined), [
      'warning: latchkey.yaml:1  issuer  is an',
      'warning: clients/job.yaml:2  client_secret  is short',
      'warning: clients/job.yaml:4  latchkey.theme.accent  is hard',
      'latchkey.yaml:2  server.port  is too',
      'latchkey.yaml:4  theme.logo  names a',
      'latchkey.yaml:5  theme.accent  is empty',
      'clients/shop.yaml:1  client_id  is a',
    ])
    t.regex(stderr, /theme\.accent {2}is empty, because .*: quote it/)
    t.regex(stderr, /\n4 problems\. /)
  })
})

test('config:check with a nonsense folder says so in one line', async (t) => {
  const { code, stderr } = await check({ LATCHKEY_CONFIG: '/nonsense/folder' })
  t.is(code, 1)
  t.is(stderr.split('\n')[0], '/nonsense/folder  does not exist (allowed: a folder with latchkey.yaml and clients/*.yaml; LATCHKEY_CONFIG names it)')
})
