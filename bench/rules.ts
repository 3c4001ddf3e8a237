import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { createDevices } from '../src/accounts/devices.ts'
import { emailsOf, throttleKeys } from '../src/accounts/emails.ts'
import { checkRules } from '../src/config/policy.ts'
import { yamlSource } from '../src/config/source.ts'
import { otherMethods } from '../src/policy/types.ts'
import { createRisk, type Happening } from '../src/risk/index.ts'
import { openKeyring } from '../src/secrets/keyring.ts'
import { openStorage } from '../src/storage/index.ts'
import { createHttpClient } from '../test/helpers/http-client.ts'
import { concurrency, load } from './load.ts'
import { logIn } from './login-flow.ts'
import { type Person, settlePeople } from './people.ts'
import { startOurs } from './target.ts'

const count = 50
const warmUp = 20_000
const judgements = 100_000

/** What judging by 50 rules adds to a passkey login that none of them is about: CPU against CPU, on this machine. */
export async function rules() {
  const [cpuMsPerLogin, judging] = [await costOfLogin(), await costOfJudging()]
  return [{ bench: 'rules', rules: count, cpuMsPerLogin, cpuUsPerJudgement: Math.round(100_000 * judging) / 100, ratio: Math.round(100_000 * (judging / cpuMsPerLogin)) / 100_000, target: 0.01 }]
}

/** ms */
async function costOfLogin(): Promise<number> {
  let people: Person[] = []
  const ours = await startOurs(async (folder, issuer) => {
    people = await settlePeople(concurrency, folder, issuer)
  })
  const { send, close } = createHttpClient({ connections: concurrency })
  const logins = (seconds: number) => load(ours.pid, 1000 * seconds, (worker) => logIn(ours, send, people[worker] as Person))
  try {
    await logins(8)
    return (await logins(5)).cpuMs
  } finally {
    close()
    await ours.stop()
  }
}

/** ms of one judgement, with what is kept of it */
async function costOfJudging(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
  const storage = await openStorage({ kind: 'embedded', folder })
  const risk = createRisk({
    ...storage, keyring: await openKeyring(folder), log: console, devices: createDevices(storage), emails: { of: emailsOf, keysOf: throttleKeys },
    config: { rules: fiftyRules(folder), loopback: false, verification: { methods: otherMethods } },
  })
  const run = async (times: number) => {
    for (let n = 0; n < times; n++) await risk.judge(loginOf(n, storage.clock.now()))
  }
  try {
    await run(warmUp)
    const before = process.cpuUsage()
    await run(judgements)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000 / judgements
  } finally {
    await storage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of the kinds that operators write; each is asked up to its last condition or close to it. */
function fiftyRules(folder: string) {
  const kinds = (n: number): object[] => [
    { client: ['shop', `app${n}`], not: { country: ['GB', 'IE', 'FR', 'DE'] }, failures: { account: { atLeast: 5 } } },
    { any: [{ browser: { platform: 'Windows', family: 'Firefox' } }, { browser: { inApp: true } }], device: { recognised: true } },
    { proof: { level: { below: 'phr' } }, account: { age: { below: `${n + 1}d` }, passkeys: { atLeast: 1 } } },
    { all: [{ device: { known: true } }, { not: { any: [{ network: { known: true } }, { country: 'XX' }] } }] },
    { domain: [`a${n}.example`, `b${n}.example`], account: { identifiers: 'email', reach: { atLeast: 'phr' } } },
  ]
  const text = stringify({
    rules: Array.from({ length: count }, (_, n) => ({
      name: `rule-${n}`, on: ['sign_in', 'enrolment'], when: kinds(n)[n % kinds(n).length], then: 'challenge', ask: { level: 'phr' }, because: 'A benchmark.',
    })),
  })
  const { source } = yamlSource('rules.yaml', text)
  const checked = source && checkRules(source, { folder })
  if (!checked || checked.problems.length > 0) throw new Error(JSON.stringify(checked?.problems))
  return checked.rules
}

/** A passkey, in a browser and network that the account knows. */
const loginOf = (n: number, now: number): Happening => ({
  event: 'sign_in', occasion: `login ${n}`, now, clientId: 'shop', seenFrom: { country: 'GB', network: 'home' }, since: now,
  browser: { browser: 'Chrome', platform: 'Linux', inApp: false }, createdHere: false, recovering: false,
  account: { id: 'a', createdAt: 0, userHandle: 'h', identifiers: [{ kind: 'email', value: 'ada@example.com', verifiedAt: 1 }], credentialIds: ['c'] },
  device: { id: 'd:a', deviceHash: 'd', accountId: 'a', firstSeenAt: 0, lastSeenAt: 0, credentialIds: ['c'], userAgent: 'Chrome on Linux', networks: ['home'] },
  proofs: [{ method: 'passkey', at: now, accountId: 'a', credentialId: 'c', usablePasskey: true }],
})
