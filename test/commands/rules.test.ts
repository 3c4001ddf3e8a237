/** `npm run rules -- try`: what other rules would have come to. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import packageJson from '../../package.json' with { type: 'json' }
import { decide } from '../../src/policy/rules.ts'
import type { Signals } from '../../src/policy/signals.ts'
import { openStorage } from '../../src/storage/index.ts'
import type { Json, RuleDecision } from '../../src/storage/types.ts'
import { parseConfig, yaml } from '../config/folder.ts'
import { environment } from '../helpers/environment.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const script = packageJson.scripts.rules.split(' ').slice(1)

interface Outcome {
  code: number
  out: string
  error: string
}

async function open(t: ExecutionContext, decisions: (Partial<RuleDecision> & { ago: number })[]) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-rules-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const storage = await openStorage({ kind: 'embedded', folder: join(folder, 'data') })
  const now = storage.clock.now()
  await Promise.all(decisions.map(({ ago, ...more }, index) => storage.rules.append({ id: `${index}`, at: now - ago, accountId: 'the-account-of-ada', ...signIn({}), ...more })))
  await storage.close()

  const write = async (name: string, text: string) => {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    return path
  }
  await write('config/latchkey.yaml', 'issuer: http://localhost:3000\n')
  await write('config/policy/blocked-domains.txt', '')
  const run = async (...args: string[]): Promise<Outcome> => {
    const env = { ...environment(), LATCHKEY_CONFIG: join(folder, 'config'), LATCHKEY_DATA: join(folder, 'data') }
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [...script, ...args], { env })
      return { code: 0, out: stdout, error: stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: stdout, error: stderr }
    }
  }
  return { folder, write, run }
}

const calm: Signals = {
  'client': 'shop', 'domain': 'example.com', 'country': 'GB', 'device.known': true, 'device.recognised': true, 'account.reach': 'phr', 'account.createdHere': false,
  'proof.method': 'email_otp', 'proof.methods': ['email_otp'], 'proof.level': 'urn:latchkey:acr:1fa',
}

/** What the rules that come along decided, and what they looked at. */
function signIn(more: Signals, of = 1): Pick<RuleDecision, 'event' | 'inputs' | 'outcome'> {
  const inputs = { ...calm, ...more }
  const { undecided: _, ...verdict } = decide(parseConfig().rules, 'sign_in', inputs)
  return { event: 'sign_in', inputs, outcome: { ...verdict, ...(of > 1 && { of }) } as unknown as Json }
}

const abroad = yaml`
  rules:
    - name: abroad
      on: sign_in
      when: { not: { country: GB } }
      then: deny
      because: Nobody of us is there.
    - name: code-at-shop
      on: sign_in
      when: { client: demo, proof: { method: email_otp } }
      then: challenge
      ask: { level: phr }
      because: The demo wants a passkey.
`

test('the same rules: nothing would have been different', async (t) => {
  const { run } = await open(t, [{ ago: hour }, { ago: 2 * hour, ...signIn({ 'device.known': false, 'network.known': false }) }])
  const { code, out, error } = await run('try', 'config/policy/rules.yaml')
  t.deepEqual({ code, error }, { code: 0, error: '' })
  t.regex(out, /^6 rules of config\/policy\/rules\.yaml tried on 2 decisions since \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n\nNothing would have been different\.\n$/)
})

test('other rules: how many and a few examples, and nobody is named', async (t) => {
  const { run, write } = await open(t, [
    ...[1, 2, 3, 4, 5].map((n) => ({ ago: n * hour, ...signIn({ country: 'FR' }) })),
    { ago: 6 * hour, ...signIn({ client: 'demo' }) },
    { ago: 7 * hour, ...signIn({ client: 'demo', 'proof.methods': ['passkey'], 'proof.method': 'passkey', 'proof.level': 'phr' }, 40) },
    { ago: 8 * hour, ...signIn({ 'device.known': false, 'network.known': false }) },
    { ago: 8 * day, ...signIn({ country: 'FR' }) },
  ])
  const { code, out } = await run('try', await write('new.yaml', abroad), '--since', '7d')
  t.is(code, 0)
  t.true(out.includes('tried on 47 decisions'))
  t.true(out.includes('\n7 would have been different:\n'))
  t.true(out.includes('\n       5  sign_in: would have been stopped\n'))
  t.is(out.match(/UTC {2}abroad {2}country FR\n/g)?.length, 3, 'three examples')
  t.regex(out, /\n {7}1 {2}sign_in: would have been asked for phr\n.* UTC {2}code-at-shop {2}client demo, proof\.method email_otp\n/)
  t.regex(out, /\n {7}1 {2}sign_in: would not have been told of\n/)
  t.notRegex(out, /the-account-of-ada/)
  t.true((await run('try', await write('new.yaml', abroad), '--since', '30d')).out.includes('tried on 48 decisions'))
})

test('what was not looked at then cannot be told', async (t) => {
  const { run, write } = await open(t, [{ ago: hour }, { ago: hour, ...signIn({ 'failures.account': 9, 'failures.network': 9 }) }])
  const file = await write('new.yaml', yaml`
    rules:
      - name: guessing
        on: sign_in
        when: { failures: { network: { atLeast: 5 } } }
        then: deny
        because: x
  `)
  const { code, out } = await run('try', file)
  t.is(code, 0)
  t.true(out.includes('\n1 would have been different:\n'))
  t.true(out.includes('\n1 cannot be told: they depend on what was not looked at then (failures.network: 1).\n'))
})

test('thousands of decisions, many of one moment, are each tried once', async (t) => {
  const { run, write } = await open(t, Array.from({ length: 2_300 }, (_, n) => ({ ago: hour + (n % 3), ...signIn({ country: n % 2 ? 'FR' : 'GB' }) })))
  const { out } = await run('try', await write('new.yaml', abroad))
  t.true(out.includes('tried on 2300 decisions'))
  t.true(out.includes('  1150  sign_in: would have been stopped'))
})

test('a wrong file: every problem, and nothing is tried', async (t) => {
  const { run, write } = await open(t, [])
  const file = await write('new.yaml', 'rules:\n  - name: X\n    on: sign_in\n    when: { devise: { known: true } }\n    then: deny\n')
  const { code, out, error } = await run('try', file)
  t.deepEqual({ code, out }, { code: 1, out: '' })
  t.deepEqual(error.replaceAll(/ {2}is .*/g, '').split('\n'), [
    `${file}:2  rules[0].name`, `${file}:2  rules[0].because`, `${file}:4  rules[0].when.devise`, '', '3 problems: nothing was tried.', '',
  ])
})

test('what cannot be done is said in a line', async (t) => {
  const { run, write, folder } = await open(t, [])
  for (const args of [[], ['try', 'a', 'b'], ['try', 'a', '--since', '91d'], ['try', 'a', '--sinse', '1d']]) {
    t.deepEqual(await run(...args), { code: 2, out: '', error: 'usage: npm run rules -- try FILE [--since 7d] (--since 1m to 90d)\n' }, args.join(' '))
  }
  t.deepEqual(await run('try', join(folder, 'none.yaml')), { code: 1, out: '', error: `${folder}/none.yaml does not exist.\n` })
  const file = await write('new.yaml', 'rules: []\n')
  await rm(join(folder, 'data'), { recursive: true })
  const { code, error } = await run('try', file)
  t.is(code, 1)
  t.regex(error, /^There is no data in /)
})
