import { rm } from 'node:fs/promises'
import test, { type ExecutionContext } from 'ava'
import { type Ceremony, type CeremonyLabels, createCeremonies } from '../../src/passkeys/index.ts'
import { dialogFailure, toldBy } from '../../src/passkeys/told.ts'
import { createClock } from '../../src/storage/clock.ts'
import { createCommitQueue } from '../../src/storage/sqlite/commit-queue.ts'
import { openDatabase } from '../../src/storage/sqlite/connection.ts'
import { createEphemeral } from '../../src/storage/sqlite/ephemeral.ts'
import { createLog } from '../../src/storage/sqlite/log.ts'
import type { CeremonyEntry } from '../../src/storage/types.ts'
import { countCommits } from '../helpers/commits.ts'
import { makeFolder, openStore } from '../storage/sqlite/opened.ts'

const chromeOnWindows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
const googlePasswordManager = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'
const day = 24 * 3_600_000

async function setUp(t: ExecutionContext) {
  const { storage } = await openStore(t)
  const counted: CeremonyLabels[] = []
  const lines: Record<string, unknown>[] = []
  const write = (fields: object, message: string) => void lines.push({ ...fields, message })
  const append = (entry: Parameters<typeof storage.ceremonies.append>[0]) => storage.ceremonies.append(entry)
  const deps = { ceremonies: { append }, clock: storage.clock, observe: (labels: CeremonyLabels) => void counted.push(labels), log: { info: write, error: write } }
  return { storage, counted, lines, deps, ceremonies: createCeremonies(deps), stored: () => storage.ceremonies.query({ limit: 100 }) }
}

const signIn: Ceremony = { ceremony: 'get', mediation: 'conditional', outcome: 'ok', userAgent: chromeOnWindows }

test('a sign-in with a passkey is stored for 90 days and counted, and is no line of the log', async (t) => {
  const { storage, ceremonies, counted, lines, stored } = await setUp(t)
  await ceremonies.record({
    ...signIn, ceremonyId: '0123456789abcdef', accountId: 'ann', clientId: 'shop', deviceHash: 'device', aaguid: googlePasswordManager, place: 'here', elapsed: 1200,
    reference: '7F3K-2Q9D', capabilities: { webauthn: true },
  })
  const [{ id, ...entry } = { id: '' }] = await stored()
  t.truthy(id)
  const at = storage.clock.now()
  t.deepEqual(entry, {
    at, expiresAt: at + 90 * day, ceremonyId: '0123456789abcdef', accountId: 'ann', clientId: 'shop', deviceHash: 'device', ceremony: 'get', mediation: 'conditional',
    outcome: 'ok', place: 'here', browser: 'Chrome', platform: 'Windows', provider: 'Google Password Manager', elapsed: 1200,
  })
  t.deepEqual(counted, [{ ceremony: 'get', mediation: 'conditional', outcome: 'ok', browser: 'Chrome', platform: 'Windows', provider: 'Google Password Manager' }])
  t.deepEqual(lines, [])
})

test('what failed is one line with the reason of the server and what the browser says', async (t) => {
  const { ceremonies, lines, stored } = await setUp(t)
  await ceremonies.record({
    ...signIn, mediation: 'modal', outcome: 'bad_signature', detail: 'backup eligibility changed', ceremonyId: '0123456789abcdef', elapsed: 900, clientId: 'shop',
    reference: '7F3K-2Q9D', capabilities: { webauthn: true, platform: false, hybrid: true },
  })
  t.deepEqual(lines, [{
    message: 'passkey refused', reason: 'bad_signature', detail: 'backup eligibility changed', error: undefined, elapsed: 900, capabilities: ['webauthn', 'hybrid'],
    ceremony: 'get', mediation: 'modal', ceremonyId: '0123456789abcdef', clientId: 'shop', browser: 'Chrome', platform: 'Windows', reference: '7F3K-2Q9D',
  }])
  t.deepEqual((await stored())[0]?.capabilities, ['webauthn', 'hybrid'])

  await ceremonies.record({ ...signIn, outcome: 'closed', error: 'NotAllowedError' })
  await ceremonies.record({ ...signIn, ceremony: 'create', outcome: 'bad_attestation' })
  t.deepEqual(lines.slice(1).map(({ message, error, reason }) => [message, error, reason]), [
    ['the browser had no passkey to give', 'NotAllowedError', 'closed'], ['passkey not created', undefined, 'bad_attestation'],
  ])
})

test('labels come from lists, whatever is said', async (t) => {
  const { ceremonies, counted } = await setUp(t)
  await ceremonies.record({ ...signIn, outcome: 'made up', userAgent: 'curl/8.0 (visitor@example.com)', aaguid: '00000000-1111-2222-3333-444444444444' })
  await ceremonies.record({ ...signIn, userAgent: '' })
  t.deepEqual(counted.map(({ outcome, browser, platform, provider }) => [outcome, browser, platform, provider]), [['other', 'other', 'other', 'other'], ['ok', 'other', 'other', 'unknown']])
})

test('a store that fails costs nobody the sign-in; what is not to be kept is counted all the same', async (t) => {
  const { deps, counted, lines, stored } = await setUp(t)
  const broken = createCeremonies({ ...deps, ceremonies: { append: () => Promise.reject(new Error('away')) } })
  await broken.record(signIn)
  t.is(lines[0]?.['message'], 'passkey ceremony lost')
  await createCeremonies(deps).record(signIn, { keep: false })
  t.is(counted.length, 2)
  t.deepEqual(await stored(), [])
})

test('the write is begun at once, so that it shares a commit with what is written beside it', async (t) => {
  const { connection, commits } = await openCounted(t)
  const ceremonies = createCeremonies({ ceremonies: createLog<CeremonyEntry>(connection, 'ceremonies'), clock: connection.clock, observe: () => {}, log: { info: () => {}, error: t.log } })
  const before = commits()
  await Promise.all([ceremonies.record(signIn), createEphemeral(connection).set('beside', 1, connection.clock.now() + 1000)])
  t.is(commits() - before, 1)
})

/** The parts of a store whose commits are counted. */
async function openCounted(t: ExecutionContext) {
  const folder = await makeFolder()
  const database = await openDatabase(folder)
  t.teardown(() => {
    database.close()
    return rm(folder, { recursive: true })
  })
  const count = countCommits(database)
  const { write } = createCommitQueue(database)
  return { connection: { database, write, clock: createClock(Date.now) }, commits: count.commits }
}

test('what a form says counts only as our own script says it', (t) => {
  t.deepEqual(toldBy({ ceremony: '0123456789abcdef', mediation: 'immediate', error: 'NotAllowedError', elapsed: '1234.6' }), {
    ceremonyId: '0123456789abcdef', mediation: 'immediate', error: 'NotAllowedError', elapsed: 1235,
  })
  t.deepEqual(toldBy({}), { mediation: 'modal' })
  t.deepEqual(toldBy({ ceremony: '', mediation: '', error: '', elapsed: '' }), { mediation: 'modal' })
  for (const ceremony of ['0123456789ABCDEF', '0123456789abcdef0', '0123456789abcde', `0123456789abcdef\n`, "';drop"]) t.deepEqual(toldBy({ ceremony }), { mediation: 'modal' }, ceremony)
  for (const elapsed of ['-1', 'NaN', 'Infinity', '1e99', 'soon', '86400001']) t.deepEqual(toldBy({ elapsed }), { mediation: 'modal' }, elapsed)
  t.deepEqual(toldBy({ mediation: 'silent', error: 'Mallory <m@example.com>' }), { mediation: 'modal', error: 'other' })
})

test('an error of the browser and the time until it came say why a sign-in got no passkey', (t) => {
  const table: [error: string | undefined, elapsed: number | undefined, outcome: ReturnType<typeof dialogFailure>][] = [
    ['NotAllowedError', 300, 'none_here'],
    ['NotAllowedError', 5_000, 'closed'],
    ['NotAllowedError', 60_000, 'timeout'],
    ['NotAllowedError', undefined, 'closed'],
    ['NotAllowedError', Number.NaN, 'closed'],
    ['SecurityError', 10, 'wrong_domain'],
    ['ConstraintError', 10, 'no_verification'],
    ['NotSupportedError', 60_000, 'no_verification'],
    ['NetworkError', 10, 'offline'],
    ['other', 10, 'none_here'],
    [undefined, undefined, 'closed'],
  ]
  for (const [error, elapsed, outcome] of table) t.is(dialogFailure(error, elapsed), outcome, `${error} ${elapsed}`)
})
