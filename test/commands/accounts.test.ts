/** `npm run accounts`, as an operator types it, beside two servers that share a data folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'ava'
import { openStorage } from '../../src/storage/index.ts'
import { type App, createApp, shop, type Tokens } from '../helpers/app.ts'
import { environment } from '../helpers/environment.ts'
import { eventually } from '../helpers/eventually.ts'
import { createHttpClient } from '../helpers/http-client.ts'
import { freePort } from '../helpers/port.ts'
import { type Server, startServer } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

const root = join(import.meta.dirname, '../..')

let server: Server
let app: App
let second: { port: number; child: ChildProcess }

test.before(async () => {
  server = await startServer({ clients: [shop] })
  app = await createApp(server.issuer, shop)
  const port = await freePort()
  const env = { ...environment(), PORT: String(port), LATCHKEY_DATA: join(server.folder, 'data'), LATCHKEY_CONFIG: join(server.folder, 'config') }
  second = { port, child: spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], { cwd: root, env, stdio: 'ignore' }) }
  await eventually('the second server is ready', async () => (await fetch(`http://localhost:${port}/readyz`).catch(() => undefined))?.ok || undefined)
})
test.after.always(async () => {
  if (second?.child.kill()) await once(second.child, 'exit')
  await server?.dispose()
})

async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/commands/accounts.ts', ...args], {
    cwd: root,
    env: { ...environment(), LATCHKEY_DATA: join(server.folder, 'data'), LATCHKEY_CONFIG: join(server.folder, 'config'), PORT: String(server.port), ...env },
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() }
}

/** Somebody new, signed in at the app without a passkey. */
async function signedUp(): Promise<{ visitor: Visitor; tokens: Tokens; sub: string }> {
  const visitor = createVisitor(server)
  const authorization = await app.authorize({ scope: 'openid offline_access' })
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const { url } = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  const tokens = await authorization.finish(url)
  return { visitor, tokens, sub: tokens.claims()?.sub ?? '' }
}

/** Asks either server under the issuer's name, as a load balancer does. */
const { send, close } = createHttpClient()
test.after.always(close)
const ports = () => [server.port, second.port]
const at = (port: number, path: string) => new URL(path, `http://localhost:${port}`)
const secret = `Basic ${Buffer.from(`${shop.client_id}:${encodeURIComponent(shop.client_secret)}`).toString('base64')}`

function post(port: number, path: string, fields: Record<string, string>) {
  const headers = { host: `localhost:${server.port}`, authorization: secret, 'content-type': 'application/x-www-form-urlencoded' }
  return send(at(port, path), { method: 'POST', headers, body: String(new URLSearchParams(fields)) })
}

/** What still works there, of tokens and the browser's session. */
async function alive(port: number, { visitor, tokens }: { visitor: Visitor; tokens: Tokens }): Promise<string[]> {
  const host = `localhost:${server.port}`
  const { url } = await app.authorize({ prompt: 'none' })
  const silent = await send(at(port, url.pathname + url.search), { headers: { host, cookie: visitor.browser.cookies.header(url) } })
  const info = await send(at(port, '/me'), { headers: { host, authorization: `Bearer ${tokens.access_token}` } })
  const active = async (token = '') => (JSON.parse((await post(port, '/token/introspection', { token })).body) as { active: boolean }).active
  return [
    ...(new URL(silent.headers.location ?? '', url).searchParams.get('code') ? ['silent SSO'] : []),
    ...(info.status === 200 ? ['userinfo'] : []),
    ...((await active(tokens.access_token)) ? ['access token'] : []),
    ...((await active(tokens.refresh_token)) ? ['refresh token'] : []),
  ]
}
const everything = ['silent SSO', 'userinfo', 'access token', 'refresh token']

test('disable ends what is open at every server at once; enable brings nothing of it back', async (t) => {
  const who = await signedUp()
  for (const port of ports()) t.deepEqual(await alive(port, who), everything)

  t.deepEqual(await run(['disable', who.visitor.email]), {
    code: 0,
    stdout: `Account ${who.sub} (${who.visitor.email}) is disabled. Ended now: its sessions, refresh tokens and opaque access tokens. Ends within 5 minutes: JWT access tokens that apps hold already.`,
    stderr: '',
  })
  for (const port of ports()) {
    t.deepEqual(await alive(port, who), [])
    t.is((await post(port, '/token', { grant_type: 'refresh_token', refresh_token: who.tokens.refresh_token ?? '' })).status, 400)
  }
  const again = createVisitor(server, { email: who.visitor.email })
  await again.ignoreMail()
  const page = await again.typeCode(await again.typeEmail(await again.arrive(await app.authorize())))
  t.is(page.status, 403, 'an ordinary code, and after it the truth')

  t.regex((await run(['disable', who.sub])).stdout, /was disabled already \(since \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/)
  t.deepEqual(await run(['enable', who.sub]), { code: 0, stdout: `Account ${who.sub} (${who.visitor.email}) may sign in again. What was open before stays ended.`, stderr: '' })
  t.regex((await run(['enable', who.sub])).stdout, /is not disabled: nothing to do\.$/)
  for (const port of ports()) t.deepEqual(await alive(port, who), [])

  const authorization = await app.authorize({ scope: 'openid offline_access' })
  const back = createVisitor(server, { email: who.visitor.email })
  await back.ignoreMail()
  const signedIn = await back.typeCode(await back.typeEmail(await back.arrive(authorization)))
  const { url } = signedIn.elsewhere ? signedIn : await back.browser.submit(signedIn, '/passkey-create', { button: 'Not now' })
  const tokens = await authorization.finish(url)
  for (const port of ports()) t.deepEqual(await alive(port, { visitor: back, tokens }), everything)

  const log = await audit(who.sub)
  t.deepEqual(log.filter(({ type }) => type.startsWith('account.')).map(({ type }) => type), ['account.enabled', 'account.disabled', 'account.disabled', 'account.created'])
})

async function audit(accountId: string) {
  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  try {
    return await storage.audit.query({ accountId, limit: 100 })
  } finally {
    await storage.close()
  }
}

test('passkeys-only ends what codes alone opened, tells the person, and is taken back; nobody is locked out by it', async (t) => {
  const who = await signedUp()
  const name = `Account ${who.sub} (${who.visitor.email})`
  t.deepEqual(await run(['passkeys-only', 'on', who.visitor.email]), {
    code: 1, stdout: '', stderr: `${name} would be locked out by losing one passkey: it needs two passkeys, or a passkey and recovery codes.`,
  })
  t.deepEqual(await alive(server.port, who), everything)

  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  await storage.accounts.update(who.sub, (account) => ({ ...account, credentialIds: ['one', 'two'] }))
  await storage.close()
  await who.visitor.ignoreMail()
  t.deepEqual(await run(['passkeys-only', 'on', who.visitor.email]), {
    code: 0,
    stdout: `${name} signs in with passkeys only from now on. Ended now: what was open by codes, links and authenticator apps alone. Its addresses were told.`,
    stderr: '',
  })
  for (const port of ports()) t.deepEqual(await alive(port, who), [])
  const [mail] = (await server.outbox()).filter(({ to }) => to === who.visitor.email)
  t.regex(mail?.text ?? '', /^Signing in with passkeys only was switched on, .*, operator of this service\.$/m)
  const link = /^http\S+\/account\/not-me\/\S+$/m.exec(mail?.text ?? '')?.[0] ?? ''
  const page = await createVisitor(server).browser.open(link)
  t.true(page.text.includes('Signing in with passkeys only was switched on.') && page.text.includes('Operator of this service'), page.text)

  t.regex((await run(['passkeys-only', 'on', who.sub])).stdout, /signs in with passkeys only already: nothing to do\.$/)
  t.regex((await run(['passkeys-only', 'off', who.sub])).stdout, /may sign in with codes, links and authenticator apps again\. Its addresses were told\.$/)
  t.regex((await run(['passkeys-only', 'off', who.sub])).stdout, /is not kept to passkeys: nothing to do\.$/)
  t.deepEqual((await audit(who.sub)).filter(({ type }) => type === 'account.passkeys_only').map(({ detail }) => detail?.['on']), [false, true])
})

test('enrol-link prints an address that the server answers, and until when; the log knows of it, but not the address', async (t) => {
  const { sub, visitor } = await signedUp()
  const { code, stdout, stderr } = await run(['enrol-link', visitor.email.toUpperCase()])
  t.is(code, 0)
  t.is(stderr, '')
  const printed = /^(http:\/\/localhost:\d+\/account\/enrol\/([\w-]{43})) lets Account (\S+) \((\S+)\) make a passkey, once, until (\d{4}-\d\d-\d\d \d\d:\d\d) UTC\. .*reads it\.$/.exec(stdout)
  t.truthy(printed, stdout)
  const [, url = '', ticket = '', account, email, until] = printed!
  t.deepEqual([account, email], [sub, visitor.email])
  const hours = (Date.parse(`${until}Z`) - Date.now()) / 3_600_000
  t.true(hours > 23.9 && hours <= 24, until)
  const page = await visitor.browser.open(url)
  t.is(page.status, 200)
  t.true(page.text.includes(visitor.email))

  const [entry] = (await audit(sub)).filter(({ type }) => type === 'help_link.made')
  t.is(typeof entry?.detail?.['expiresAt'], 'number')
  t.false(JSON.stringify(await audit(sub)).includes(ticket))

  await run(['disable', sub])
  t.deepEqual(await run(['enrol-link', sub]), { code: 1, stdout: '', stderr: `Account ${sub} (${visitor.email}) is disabled: enable it first.` })
})

test("the secrets of the apps are not asked for: they are not in an operator's shell", async (t) => {
  const { sub, visitor } = await signedUp()
  const config = await mkdtemp(join(tmpdir(), 'latchkey-command-'))
  t.teardown(() => rm(config, { recursive: true }))
  await cp(join(server.folder, 'config'), config, { recursive: true })
  const file = join(config, 'clients', 'shop.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^("?client_secret"?:).*$/m, '$1 "${SHOP_CLIENT_SECRET}"'))
  await mkdir(join(config, 'policy'), { recursive: true })
  await writeFile(join(config, 'policy', 'rules.yaml'), 'rules:\n  - name: shop\n    on: sign_in\n    when: { client: shop }\n    then: notify\n    because: a rule about an app\n')
  t.deepEqual(await run(['disable', sub], { LATCHKEY_CONFIG: config }).then(({ code, stderr }) => ({ code, stderr })), { code: 0, stderr: '' })
  t.regex((await run(['enable', sub], { LATCHKEY_CONFIG: config })).stdout, /may sign in again/)
  t.regex((await run(['enrol-link', visitor.email], { LATCHKEY_CONFIG: config })).stdout, /\/account\/enrol\//)
})

test('enrol-link prints what was asked for, and the main email', async (t) => {
  const { sub, visitor } = await signedUp()
  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  const at = Date.now()
  const others = [{ kind: 'phone', value: '+447911123456' }, { kind: 'email', value: 'second@example.com' }] as const
  for (const one of others) await storage.identifiers.insert({ id: `${one.kind}:${one.value}`, ...one, accountId: sub, state: 'active', createdAt: at })
  const [phone, email] = others.map((one) => ({ ...one, verifiedAt: at }))
  await storage.accounts.update(sub, (account) => ({ ...account, identifiers: [phone!, ...account.identifiers, email!] }))
  await storage.close()
  const named = async (who: string) => / lets Account \S+ (\(.*\)) make /.exec((await run(['enrol-link', who])).stdout)?.[1]
  t.is(await named(visitor.email), `(${visitor.email})`)
  t.is(await named('second@example.com'), `(second@example.com, ${visitor.email})`)
  t.is(await named('+44 7911 123456'), `(+447911123456, ${visitor.email})`)
  t.is(await named(sub), `(${visitor.email})`)
})

test('enrol-link for an account whose changes are stopped says that the link has to wait', async (t) => {
  const { sub } = await signedUp()
  const storage = await openStorage({ kind: 'embedded', folder: join(server.folder, 'data') })
  await storage.accounts.update(sub, (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
  await storage.close()
  const { code, stdout } = await run(['enrol-link', sub])
  t.is(code, 0)
  t.regex(stdout, /The link does not work yet: somebody has said that a change to the account was not theirs, .*\.$/)
})

test('imported beside running servers: people sign in as who they were, by the mailbox that they had proven', async (t) => {
  const visitor = createVisitor(server)
  const sub = `elsewhere|${visitor.email}`
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-command-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'people.jsonl')
  await writeFile(file, `${JSON.stringify({ sub, email: visitor.email, email_verified: true, name: 'Ada' })}\n{"email":"nope"}\n`)
  t.deepEqual(await run(['import', file]), { code: 1, stdout: '', stderr: 'line 2: email: cannot be read\n2 lines, 1 bad. Nothing was imported: mend them, or leave them out with --skip-bad.' })
  t.is((await run(['import', file, '--dry-run'])).code, 1)
  t.deepEqual(await run(['import', file, '--skip-bad']), { code: 0, stdout: '2 lines, 1 bad. Accounts made: 1; there already: 0.', stderr: 'line 2: email: cannot be read' })

  const authorization = await app.authorize({ scope: 'openid profile email' })
  const signedIn = await visitor.typeCode(await visitor.typeEmail(await visitor.arrive(authorization)))
  const { url } = signedIn.elsewhere ? signedIn : await visitor.browser.submit(signedIn, '/passkey-create', { button: 'Not now' })
  const tokens = await authorization.finish(url)
  t.is(tokens.claims()?.sub, sub)
  const info = await send(at(server.port, '/me'), { headers: { host: `localhost:${server.port}`, authorization: `Bearer ${tokens.access_token}` } })
  t.like(JSON.parse(info.body), { sub, email: visitor.email, email_verified: true, name: 'Ada' })
  t.regex((await run(['disable', sub])).stdout, /is disabled/)
})

test('what is not understood ends with 2 and how to say it', async (t) => {
  const usage = { code: 2, stdout: '', stderr: 'usage: npm run accounts -- disable|enable|enrol-link SUB|EMAIL|PHONE|USERNAME, passkeys-only on|off SUB|EMAIL|PHONE|USERNAME, or import FILE [--dry-run] [--skip-bad]' }
  for (const args of [[], ['disable'], ['import'], ['import', 'x', 'y'], ['import', 'x', '--force'], ['import', '--dry-run'], ['delete', 'x'], ['toString', 'x'], ['disable', 'x', 'y'], ['disable', ''], ['passkeys-only', 'x'], ['passkeys-only', 'on'], ['passkeys-only', 'maybe', 'x'], ['passkeys-only', 'on', 'x', 'y']]) t.deepEqual(await run(args), usage, args.join(' '))
})

test('what cannot be done ends with 1 and one line that says why', async (t) => {
  const fails = async (args: string[], line: string | RegExp, env = {}) => {
    const { code, stdout, stderr } = await run(args, env)
    t.deepEqual({ code, stdout, lines: stderr.split('\n').length }, { code: 1, stdout: '', lines: 1 }, stderr)
    if (typeof line === 'string') t.is(stderr, line)
    else t.regex(stderr, line)
  }
  await fails(['disable', 'nobody'], 'There is no account with the sub or username nobody.')
  await fails(['enable', 'nobody@example.com'], 'There is no account with the address nobody@example.com.')
  await fails(['enrol-link', 'not an address@'], 'There is no account with the address not an address@.')

  const empty = await mkdtemp(join(tmpdir(), 'latchkey-command-'))
  t.teardown(() => rm(empty, { recursive: true }))
  const missing = join(empty, 'nothing')
  for (const folder of [missing, empty]) {
    await fails(['disable', 'x'], `There is no data in ${folder}: set LATCHKEY_DATA to the folder that the server uses.`, { LATCHKEY_DATA: folder })
  }
  t.deepEqual(await readdir(empty), [], 'and none is made')
  await fails(['disable', 'x'], /^The config has problems; the first is: .*nowhere.* All of them: npm run config:check$/, { LATCHKEY_CONFIG: join(empty, 'nowhere') })
})
