import { createHmac } from 'node:crypto'
import test from 'ava'
import { createPasskeys } from '../../src/passkeys/index.ts'
import { createWorld, here, there } from '../accounts/store.ts'
import { createAuthenticator } from '../helpers/authenticator.ts'

const origin = 'https://login.example.com'
const subject = 'cid-1'
const life = 60_000

/** Ada's account, with passkeys made and used by a software authenticator. */
async function begin(t: { teardown(end: () => void): void }) {
  const world = createWorld()
  t.teardown(world.close)
  await world.addAccount('ada', { userHandle: Buffer.alloc(32, 1).toString('base64url') })
  const authenticator = createAuthenticator()
  const passkeys = createPasskeys({
    storage: world.storage,
    keyring: { hmac: (purpose, ...parts) => createHmac('sha256', purpose).update(JSON.stringify(parts)).digest('base64url') },
    config: { rpId: 'example.com', rpName: 'Example', origins: [origin] },
  })
  async function answer(device = createAuthenticator()) {
    const account = await world.account()
    const existing = await passkeys.listFor(account, 'all')
    return { account, response: device.create(passkeys.registrationOptions({ subject, life, account, label: 'ada', existing }), { origin }) }
  }
  async function enrol(more: Partial<Parameters<typeof passkeys.register>[0]> = {}) {
    const result = await passkeys.register({ subject, ...(await answer(authenticator)), enrolledAcr: 'phr', userAgent: 'Chrome on Windows', ...more })
    if (!result.ok) throw new Error(result.reason)
    return result.passkey
  }
  const assertion = () => authenticator.get(passkeys.authenticationOptions({ subject, life }), { origin })
  return { world, passkeys, answer, enrol, signIn: (response = assertion()) => passkeys.authenticate({ subject, response }), assertion }
}

test('a frozen and a removed passkey sign nobody in and are not listed; confirmed, or brought back, they do and are', async (t) => {
  const { world, passkeys, enrol, signIn } = await begin(t)
  const { id } = await enrol()
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: id, ...there })
  const used = await world.storage.passkeys.get(id)

  await world.changes.freeze(change.id)
  world.advance(1)
  t.like(await signIn(), { ok: false, reason: 'frozen' })
  t.deepEqual(await passkeys.listFor(await world.account()), [])
  t.deepEqual((await passkeys.listFor(await world.account(), 'all')).map((passkey) => passkey.id), [id])
  t.like(await world.storage.passkeys.get(id), { lastUsedAt: used?.lastUsedAt, counter: used?.counter }, 'not even its use is recorded')
  await world.changes.settle('ada', 'confirmed')
  t.like(await signIn(), { ok: true, account: { credentialIds: [id] } })

  const removal = (await world.changes.removePasskey(await world.account(), id, here))!
  const removed = await world.storage.passkeys.get(id)
  world.advance(1)
  t.like(await signIn(), { ok: false, reason: 'removed' })
  t.deepEqual(await world.storage.passkeys.get(id), removed)
  t.deepEqual(await passkeys.listFor(await world.account()), [])
  t.deepEqual((await world.account()).credentialIds, [])
  await world.changes.undo(removal.id)
  t.like(await signIn(), { ok: true, account: { credentialIds: [id] } })
})

test('one that is marked but still listed, because the process died in between, drops out at the next touch', async (t) => {
  for (const mark of ['frozenAt', 'removedAt'] as const) {
    for (const touch of ['signIn', 'list'] as const) {
      const { world, passkeys, enrol, signIn } = await begin(t)
      const { id } = await enrol()
      await world.storage.passkeys.update(id, (passkey) => ({ ...passkey, [mark]: 1 }))
      t.deepEqual((await world.account()).credentialIds, [id])
      await (touch === 'signIn' ? signIn() : passkeys.listFor(await world.account()))
      t.deepEqual((await world.account()).credentialIds, [], `${mark}, ${touch}`)
    }
  }
})

test('one that is frozen while it is about to be listed is not listed in the end', async (t) => {
  const { world, enrol, signIn } = await begin(t)
  const { id } = await enrol()
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: id, ...there })
  const unlist = () => world.storage.accounts.update('ada', (account) => ({ ...account, credentialIds: [] }))
  await unlist()
  const { update } = world.storage.accounts
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  world.storage.accounts.update = async (...args) => {
    world.storage.accounts.update = update
    held.resolve()
    await released.promise
    return update(...args)
  }
  const signedIn = signIn()
  await held.promise
  await world.changes.freeze(change.id)
  released.resolve()
  t.like(await signedIn, { ok: false, reason: 'frozen' })
  t.deepEqual((await world.account()).credentialIds, [])
})

test('what is frozen keeps its authenticator from making another one; what was removed does not', async (t) => {
  const { world, passkeys, enrol } = await begin(t)
  const one = await enrol()
  const excluded = async () => {
    const account = await world.account()
    const options = passkeys.registrationOptions({ subject, life, account, label: 'ada', existing: await passkeys.listFor(account, 'all') })
    return options.excludeCredentials?.map(({ id }) => id)
  }
  const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: one.id, ...there })
  await world.changes.freeze(change.id)
  t.deepEqual(await excluded(), [one.id])
  await world.changes.settle('ada', 'undone')
  t.deepEqual(await excluded(), [])
})

for (const [name, take] of Object.entries({ freeze: 'frozen', remove: 'removed' } as const)) {
  test(`a sign-in and a ${name} at once: nothing lists it afterwards, whoever was first`, async (t) => {
    const outcomes = new Set<string>()
    // The later the second one, the surer the first wins: on a busy machine it takes more rounds to see both outcomes.
    for (let round = 0; round < 40 || (outcomes.size < 2 && round < 1000); round++) {
      const { world, passkeys, enrol, signIn, assertion } = await begin(t)
      const { id } = await enrol()
      const change = await world.changes.record({ accountId: 'ada', kind: 'passkey_added', subject: id, ...there })
      const account = await world.account()
      // As after a crash while it was made: signing in is about to list it.
      if (round % 2) await world.storage.accounts.update('ada', (current) => ({ ...current, credentialIds: [] }))
      const response = assertion()
      const later = async (turns: number) => {
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      }
      const [result] = await Promise.all([
        later(round % 5).then(() => signIn(response)),
        later(Math.floor(round / 5)).then(async () => void (take === 'frozen' ? await world.changes.freeze(change.id) : await world.changes.removePasskey(account, id, here))),
        later(round % 7).then(() => passkeys.listFor(account)),
      ])
      outcomes.add(result.ok ? 'signed in' : result.reason)
      t.deepEqual((await world.account()).credentialIds, [], `round ${round}`)
      t.deepEqual(await world.usable(), [])
      t.like(await signIn(), { ok: false, reason: take })
    }
    t.true(outcomes.has('signed in') && outcomes.has(take), [...outcomes].join())
  })
}

test('an account that is frozen or disabled while a passkey is made does not get it', async (t) => {
  for (const how of ['frozen', 'disabled', 'frozen before'] as const) {
    const { world, passkeys, answer } = await begin(t)
    const freeze = async () => {
      const change = await world.changes.record({ accountId: 'ada', kind: 'passkeys_only_off', ...there })
      await world.changes.freeze(change.id)
    }
    if (how === 'frozen before') await freeze()
    const registration = { subject, enrolledAcr: 'phr', userAgent: '', ...(await answer()) }
    const { insert } = world.storage.passkeys
    world.storage.passkeys.insert = async (passkey) => {
      await insert(passkey)
      if (how === 'frozen') await freeze()
      if (how === 'disabled') await world.switching.disable('ada')
    }
    const made = passkeys.register(registration)
    if (how === 'disabled') await t.throwsAsync(made, { message: /went away/ })
    else t.like(await made, how === 'frozen' ? { ok: false, reason: 'not_allowed' } : { ok: true })
    t.is((await world.usable()).length, how === 'frozen before' ? 1 : 0)
    t.deepEqual((await world.account()).credentialIds, await world.usable())
  }
})

test('the one-time right to a passkey is spent when all else is in order, and decides last', async (t) => {
  const { world, passkeys, answer, enrol } = await begin(t)
  let asked = 0
  const spend = (right: boolean) => async () => (asked++, right)
  const registration = { subject, enrolledAcr: 'urn:latchkey:acr:recovery', userAgent: '' }

  const bad = await answer()
  bad.response.response.clientDataJSON = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bad.response.response.clientDataJSON, 'base64url').toString()), origin: 'https://evil.example' })).toString('base64url')
  t.like(await passkeys.register({ ...registration, ...bad, spend: spend(true) }), { ok: false, reason: 'wrong_origin' })
  t.is(asked, 0, 'a wrong answer costs nobody the right')

  t.like(await passkeys.register({ ...registration, ...(await answer()), spend: spend(false) }), { ok: false, reason: 'not_allowed' })
  t.deepEqual(await world.storage.passkeys.listByAccount('ada'), [])
  t.is(asked, 1)

  const passkey = await enrol({ spend: spend(true), signUp: true, coolingUntil: 7 })
  t.like(passkey, { signUp: true, coolingUntil: 7 })
  t.like(await world.storage.passkeys.get(passkey.id), { signUp: true })
})

test('of 20 answers at once that spend one right, one makes a passkey', async (t) => {
  const { world, passkeys, answer } = await begin(t)
  const recovery = await world.recoveries.start(await world.account(), here)
  world.advance(24 * 3_600_000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => answer()))
  const results = await Promise.all(answers.map((one) => passkeys.register({
    subject, ...one, enrolledAcr: 'urn:latchkey:acr:recovery', userAgent: '', spend: () => world.recoveries.use('ada', recovery.id),
  })))
  t.is(results.filter(({ ok }) => ok).length, 1)
  t.is((await world.account()).credentialIds.length, 1)
})
