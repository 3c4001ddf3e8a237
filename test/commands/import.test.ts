/** `npm run accounts -- import`: what a line becomes, what is refused and that nothing of it is left, and that it can be done again. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { createAccounts } from '../../src/accounts/accounts.ts'
import { createAudit } from '../../src/audit/audit.ts'
import { Refusal } from '../../src/commands/command.ts'
import { importFile, type ImportOptions } from '../../src/commands/import.ts'
import type { Config } from '../../src/config/schema.ts'
import { serverSchema } from '../../src/config/schema.ts'
import type { Storage } from '../../src/storage/types.ts'
import { createBudgets } from '../../src/verification/budgets.ts'
import { createTotp, stepAt, totpCode } from '../../src/verification/totp.ts'
import { openTestStore } from '../verification/store.ts'

const config = serverSchema.parse({ identifiers: { phone: { defaultRegion: 'GB' } } }) as unknown as Config
/** RFC 6238, appendix B */
const key = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

async function open(t: ExecutionContext) {
  const store = await openTestStore(t)
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-import-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'people.jsonl')
  const accounts = createAccounts(store.storage)

  async function run(lines: (object | string)[] | undefined, options: Partial<ImportOptions> = {}, storage: Storage = store.storage) {
    if (lines) await writeFile(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
    const reported: string[] = []
    const audit = createAudit({ audit: storage.audit, clock: storage.clock, log: { error: () => t.fail() } })
    const deps = { config, storage, audit, folder: store.folder, report: (line: string) => void reported.push(line) }
    try {
      return { code: 0, said: await importFile({ file, dryRun: false, skipBad: false, ...options }, deps), reported }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { code: error.code, said: error.message.replaceAll(file, 'FILE'), reported }
    }
  }
  const by = (email: string) => accounts.findByIdentifier({ kind: 'email', value: email })
  return { ...store, run, by, accounts, file }
}

const ada = {
  sub: 'auth0|1', emails: [{ email: 'Ada@Example.com', email_verified: true }, { email: 'old@example.com' }], phone_number: '07911 123456', phone_number_verified: true,
  preferred_username: 'Ada', name: 'Ada Lovelace', locale: 'en-GB', created_at: 1_700_000_000, totp: { key, algorithm: 'SHA1', digits: 6, period: 30 },
}

test('a line becomes an account with all that it says', async (t) => {
  const { run, by, storage, keyring, accounts } = await open(t)
  const now = storage.clock.now()
  t.deepEqual(await run([ada, { email: 'bob@example.com' }]), { code: 0, said: '2 lines, 0 bad. Accounts made: 2; there already: 0. With an address or number that still has to be proven: 2.', reported: [] })
  const account = await by('ada@example.com')
  t.like(account, {
    id: 'auth0|1', createdAt: 1_700_000_000_000, name: 'Ada Lovelace', locale: 'en-GB', credentialIds: [], factors: { totp: { since: now } },
    identifiers: [
      { kind: 'email', value: 'ada@example.com', verifiedAt: now },
      { kind: 'email', value: 'old@example.com' },
      { kind: 'phone', value: '+447911123456', verifiedAt: now },
      { kind: 'username', value: 'ada' },
    ],
  })
  t.is(account?.identifiers[1]?.verifiedAt, undefined)
  t.is(Buffer.from(account?.userHandle ?? '', 'base64url').length, 32)
  t.is((await accounts.findByIdentifier({ kind: 'phone', value: '+447911123456' }))?.id, 'auth0|1')
  const bob = await by('bob@example.com')
  t.deepEqual(bob?.identifiers, [{ kind: 'email', value: 'bob@example.com' }], 'unproven unless the line says otherwise')
  t.regex(bob?.id ?? '', /^[\w-]{22}$/)
  t.deepEqual((await storage.audit.query({ accountId: 'auth0|1', limit: 9 })).map(({ type }) => type), ['account.imported'])

  const record = await storage.factors.get('totp:auth0|1')
  t.false(JSON.stringify([record, account]).includes(key))
  const budgets = createBudgets({ ...storage, keyring })
  const totp = createTotp({ storage, keyring, accounts, budgets, display: ({ value }) => value, config: { theme: { name: 'Latchkey' } } })
  const typed = { kind: 'email' as const, value: 'ada@example.com', throttleKey: 'ada@example.com' }
  const code = totpCode(Buffer.from('12345678901234567890'), stepAt(now))
  t.like(await totp.check({ cid: 'c', purpose: 'sign_in', typed, code }), { ok: true })
})

test('the same file again changes nothing, nor what people did since', async (t) => {
  const { run, by, storage } = await open(t)
  const lines = [ada, { email: 'bob@example.com', email_verified: true, preferred_username: 'bob' }]
  await run(lines)
  const before = [await by('ada@example.com'), await by('bob@example.com'), await storage.factors.get('totp:auth0|1')]
  t.deepEqual(await run(lines), { code: 0, said: '2 lines, 0 bad. Accounts made: 0; there already: 2.', reported: [] })
  t.deepEqual([await by('ada@example.com'), await by('bob@example.com'), await storage.factors.get('totp:auth0|1')], before)
  t.is((await storage.audit.query({ limit: 99 })).length, 2)

  await storage.accounts.update('auth0|1', ({ factors: _, ...account }) => ({ ...account, name: 'Ada King', identifiers: account.identifiers.slice(0, 1) }))
  await storage.factors.delete('totp:auth0|1')
  const since = await by('ada@example.com')
  t.is((await run(lines)).code, 0)
  t.deepEqual(await by('ada@example.com'), since)
  t.is(await storage.factors.get('totp:auth0|1'), undefined, 'an app that was removed does not come back')
})

test('a dry run says the same and writes nothing', async (t) => {
  const { run, by, storage } = await open(t)
  t.deepEqual(await run([ada, { preferred_username: 'bob' }], { dryRun: true }), {
    code: 0, reported: [],
    said: '2 lines, 0 bad. Accounts would be made: 2; there already: 0. With an address or number that still has to be proven: 1. With a username alone, and nothing to sign in by until they get a help link (enrol-link): 1. Nothing was written.',
  })
  t.is(await by('ada@example.com'), undefined)
  t.is(await storage.accounts.get('auth0|1'), undefined)
  t.deepEqual(await storage.audit.query({ limit: 9 }), [])
})

const wrong: [line: object | string, problem: string][] = [
  ['{"email":', 'is not JSON'],
  ['[]', 'is not a JSON object'],
  ['"ada@example.com"', 'is not a JSON object'],
  [{}, 'has no email, phone_number or preferred_username: nothing would find the account'],
  [{ sub: 'x' }, 'has no email, phone_number or preferred_username: nothing would find the account'],
  [{ email: 'ada' }, 'email: cannot be read'],
  [{ email: '' }, 'email: is empty'],
  [{ email: 'ädа@example.com' }, 'email: has letters before the @ that mail servers do not take'],
  [{ email: 'a@example.com\nBcc: b@example.com' }, 'email: cannot be read'],
  [{ email: 'a@example.com', emial: 'b@example.com', password: 'x' }, 'emial.password: is not known here'],
  [{ email: 'a@example.com', email_verified: 'true' }, 'email_verified: is not true or false'],
  [{ email: 7, name: '', emails: [] }, 'email: is not text; emails: is empty; name: is empty'],
  [{ emails: [{ email_verified: true }], totp: 'x' }, 'emails[0].email: is missing; totp: is not a JSON object'],
  [{ emails: { email: 'a@example.com' }, sub: 'x'.repeat(256) }, 'sub: is too long; emails: is not a list'],
  [{ email: 'a@example.com', created_at: true }, 'created_at: is not a time: seconds since 1970, or text as in 2020-01-31T12:00:00Z'],
  [{ email: 'a@example.com', created_at: 'yesterday' }, 'created_at: is not a time: seconds since 1970, or text as in 2020-01-31T12:00:00Z'],
  [{ email_verified: true, preferred_username: 'ada' }, 'email_verified: stands without email'],
  [{ phone_number_verified: true, preferred_username: 'ada' }, 'phone_number_verified: stands without phone_number'],
  [{ email: 'a@example.com', emails: [{ email: 'b@example.com' }] }, 'emails: stands beside email: write one of them'],
  [{ emails: [{ email: 'b@example.com' }, { email: 'B@example.com' }] }, 'emails: name one address twice'],
  [{ emails: Array.from({ length: 6 }, (_, n) => ({ email: `${n}@example.com` })) }, 'emails: are more than the 5 of identifiers.email.max'],
  [{ emails: [{ email: 'b@example.com' }, { email: 'nope' }] }, 'emails[1]: cannot be read'],
  [{ phone_number: '+1 900 555 0199' }, 'phone_number: cannot be read'],
  [{ preferred_username: 'admin' }, 'preferred_username: is reserved'],
  [{ preferred_username: '12345678' }, 'preferred_username: cannot be read'],
  [{ email: 'nope', preferred_username: 'root' }, 'email: cannot be read; preferred_username: is reserved'],
  [{ sub: '', email: 'a@example.com' }, 'sub: is not 1 to 255 characters of ASCII without blanks'],
  [{ sub: 'a b', email: 'a@example.com' }, 'sub: is not 1 to 255 characters of ASCII without blanks'],
  [{ sub: '-', email: 'a@example.com' }, 'sub: cannot be used'],
  [{ email: 'a@example.com', locale: 'not a language' }, 'locale: is not a language tag (BCP 47)'],
  [{ email: 'a@example.com', name: 'a\nb' }, 'name: holds a line break or a control character'],
  [{ email: 'a@example.com', created_at: 99_999_999_999 }, 'created_at: is in the future'],
  [{ email: 'a@example.com', created_at: -1 }, 'created_at: is not a time'],
  [{ email: 'a@example.com', totp: { key: 'not base32!' } }, 'totp.key: is not 10 to 64 bytes in base32'],
  [{ email: 'a@example.com', totp: { key: 'GEZDGNBV' } }, 'totp.key: is not 10 to 64 bytes in base32'],
  [{ email: 'a@example.com', totp: { key, algorithm: 'SHA256' } }, 'totp.algorithm: is not SHA1: authenticator apps know nothing else'],
  [{ email: 'a@example.com', totp: { key, digits: 8 } }, 'totp.digits: is not 6'],
  [{ email: 'a@example.com', totp: { key, secret: 'x' } }, 'totp.secret: is not known here'],
  [`{"name":"${'a'.repeat(70_000)}"}`, 'is longer than 64 KB, or not UTF-8'],
]

test('every bad line is named with its number and what is wrong, and nothing of the file is imported', async (t) => {
  const { run, storage, by } = await open(t)
  const lines = [{ email: 'good@example.com' }, ...wrong.map(([line]) => line), '', '  ', { email: 'last@example.com' }]
  for (const dryRun of [true, false]) {
    const { code, said, reported } = await run(lines, { dryRun })
    t.deepEqual(reported, wrong.map(([, problem], index) => `line ${index + 2}: ${problem}`))
    t.is(code, 1)
    t.is(said, dryRun
      ? `${wrong.length + 2} lines, ${wrong.length} bad. Accounts would be made: 2; there already: 0. With an address or number that still has to be proven: 2. Nothing was written.`
      : `${wrong.length + 2} lines, ${wrong.length} bad. Nothing was imported: mend them, or leave them out with --skip-bad.`)
  }
  t.is(await by('good@example.com'), undefined)
  t.deepEqual(await storage.audit.query({ limit: 9 }), [])

  const { code, said, reported } = await run(lines, { skipBad: true })
  t.deepEqual([code, said], [0, `${wrong.length + 2} lines, ${wrong.length} bad. Accounts made: 2; there already: 0. With an address or number that still has to be proven: 2.`])
  t.is(reported.length, wrong.length)
  t.truthy(await by('good@example.com'))
  t.truthy(await by('last@example.com'))
  for (const left of ['a@example.com', 'b@example.com', '0@example.com']) t.is(await storage.identifiers.get(`email:${left}`), undefined, left)
})

test('bytes that are no UTF-8, the mark of an editor, and the line ends of Windows', async (t) => {
  const { run, file, by } = await open(t)
  await writeFile(file, Buffer.concat([Buffer.from('\uFEFF{"email":"a@example.com"}\r\n\r\n'), Buffer.of(0x7b, 0xff, 0x7d, 10), Buffer.from('{"email":"b@example.com"}\r\n')]))
  const { code, reported, said } = await run(undefined, { skipBad: true })
  t.deepEqual([code, reported], [0, ['line 3: is longer than 64 KB, or not UTF-8']], said)
  t.truthy(await by('a@example.com'))
  t.truthy(await by('b@example.com'))
})

test('who is in the file twice, or is somebody else here, is bad', async (t) => {
  const { run, accounts, by, storage } = await open(t)
  const here = async (kind: 'email' | 'username', value: string, verifiedAt?: number) => {
    const outcome = await accounts.create({ identifiers: [{ kind, value, ...(verifiedAt !== undefined && { verifiedAt }) }] })
    return outcome.ok ? outcome.account.id : ''
  }
  const [one, two, squatter] = [await here('email', 'one@example.com', 1), await here('username', 'two'), await here('email', 'hers@example.com')]
  await storage.identifiers.insert({ id: 'email:gone@example.com', kind: 'email', value: 'gone@example.com', accountId: 'x', state: 'released', createdAt: 0, releasedAt: storage.clock.now() })
  const lines = [
    { sub: 's', email: 'first@example.com', email_verified: true },
    { email: 'FIRST@example.com', preferred_username: 'second' },
    { sub: 's', email: 'third@example.com' },
    { email: 'one@example.com', preferred_username: 'two' },
    { sub: one, preferred_username: 'two' },
    { sub: 'another', email: 'one@example.com' },
    { email: 'hers@example.com', email_verified: true },
    { email: 'gone@example.com' },
    { email: 'one@example.com', email_verified: true, preferred_username: 'uno' },
    { email: 'hers@example.com' },
    { email: 'third@example.com' },
  ]
  const { reported, said } = await run(lines, { skipBad: true })
  t.deepEqual(reported, [
    'line 2: email: is in line 1 too',
    'line 3: sub: is in line 1 too',
    `line 4: email: belongs to the account ${one}; preferred_username: belongs to the account ${two}`,
    `line 5: preferred_username: belongs to the account ${two}`,
    `line 6: email: belongs to the account ${one}`,
    `line 7: email: is held without proof by the account ${squatter}`,
    'line 8: email: was given up by another account less than 7 days ago',
  ])
  t.is(said, '11 lines, 7 bad. Accounts made: 2; there already: 2. With an address or number that still has to be proven: 1.')
  t.is((await by('third@example.com'))?.identifiers.length, 1)
  t.is(await accounts.findByIdentifier({ kind: 'username', value: 'uno' }), undefined, 'an account that is there stays as it is')
})

test('killed at any write: a line is there whole or not at all, and the same file again does the rest', async (t) => {
  const lines = [ada, { email: 'bob@example.com', email_verified: true, preferred_username: 'bob', totp: { key } }]
  for (let fatal = 1; ; fatal += 1) {
    const { run, by, storage, accounts } = await open(t)
    let writes = 0
    const write = <A extends unknown[], R>(method: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
      writes += 1
      if (writes >= fatal) throw new Error('killed')
      return method(...args)
    }
    const mortal = <T extends object>(part: T): T => {
      const methods = part as Record<string, (...args: unknown[]) => Promise<unknown>>
      return { ...part, ...Object.fromEntries(['insert', 'update', 'delete'].flatMap((name) => (methods[name] ? [[name, write(methods[name])]] : []))) }
    }
    const dying = { ...storage, accounts: mortal(storage.accounts), identifiers: mortal(storage.identifiers), factors: mortal(storage.factors) }
    const outcome = await run(lines, {}, dying).then(() => 'done', () => 'killed')
    for (const [email, names] of [['ada@example.com', 4], ['bob@example.com', 2]] as const) {
      const account = await by(email)
      if (account) t.is(account.identifiers.length, names)
    }
    if (outcome === 'done') {
      t.true(fatal > 12)
      return
    }
    t.is((await run(lines)).code, 0, `${fatal}`)
    for (const email of ['ada@example.com', 'bob@example.com']) {
      const account = await by(email)
      for (const one of account?.identifiers ?? []) t.is((await accounts.findByIdentifier(one))?.id, account?.id)
      t.truthy(account?.factors?.totp, `${fatal}`)
      t.is((await storage.factors.get(`totp:${account?.id}`))?.accountId, account?.id, `${fatal}`)
    }
  }
})

test('100,000 lines are read in the memory of a few', async (t) => {
  const { file } = await open(t)
  const people = 100_000
  await writeFile(file, (function* () {
    for (let n = 0; n < people; n += 1) yield `${JSON.stringify({ sub: `person-${n}`, email: `person${n}@example.com`, email_verified: true })}${' '.repeat(1500)}\n`
  })())
  // In a process of its own, whose memory is nobody else's.
  const reader = fork(new URL('reader.ts', import.meta.url), [file], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  const [{ said, grown }] = (await once(reader, 'message')) as [{ said: string; grown: number }]
  t.is(said, `${people} lines, 0 bad. Accounts would be made: ${people}; there already: 0. Nothing was written.`)
  t.log(`${Math.round(grown / 1024 / 1024)} MB`)
  t.true(grown < 100 * 1024 * 1024)
})

test('the lines of the documentation', async (t) => {
  const { run } = await open(t)
  const text = await readFile(join(import.meta.dirname, '../../docs/coming-from-elsewhere.md'), 'utf8')
  const [, lines = ''] = /```jsonl\n(.*?)```/s.exec(text) ?? []
  const { code, reported } = await run(lines.split('\n'))
  t.deepEqual([code, reported], [0, []])
  t.true(lines.split('\n').length > 3)
})

test('a file that is not there', async (t) => {
  const { run } = await open(t)
  t.deepEqual(await run(undefined), { code: 1, said: 'FILE does not exist.', reported: [] })
})
