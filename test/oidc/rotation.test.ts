import { Socket } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { AdapterPayload } from 'oidc-provider'
import type { EngineRequest } from '../../src/oidc/request.ts'
import { createRotation } from '../../src/oidc/rotation.ts'
import { openStorage } from '../../src/storage/index.ts'

const model = 'RefreshToken'

/** A used token with an unused successor, and a clock that the test moves. */
async function rotated() {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-rotation-'))
  let now = Date.now()
  const storage = await openStorage({ kind: 'embedded', folder }, { now: () => now })
  const { artifacts, clock } = storage
  const rotation = createRotation(storage)
  const replies: (() => void)[] = []
  const request = (connection = new Socket()): EngineRequest => ({ arrivedAt: clock.now(), connection, writes: [], over: false, onReply: (done) => replies.push(done) })
  const first = request()
  await artifacts.upsert(model, 'old', { grantId: 'g' }, {}, now + 1e9)
  await rotation.consume('old', first)
  await artifacts.upsert(model, 'successor', { grantId: 'g' }, { uid: 'old' }, now + 1e9)
  return {
    first, request, artifacts,
    reply: () => replies.splice(0).forEach((done) => done()),
    wait: (ms: number) => { now += ms },
    present: async (by: EngineRequest, from = rotation) => from.present('old', (await artifacts.find(model, 'old')) as AdapterPayload, by),
    presentAs: (key: string, payload: AdapterPayload) => rotation.present(key, payload, request()),
    consume: (by: EngineRequest) => rotation.consume('old', by),
    elsewhere: createRotation(storage),
    restarted: (takes = 0) => createRotation(storage, clock.now() - takes),
    async close() { await storage.close(); await rm(folder, { recursive: true }) },
  }
}

const inUse = { message: 'invalid_grant' }

test('before the reply every use is parallel', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  await t.throwsAsync(token.present(token.request()), inUse)
  token.reply()
  token.wait(999)
  await t.throwsAsync(token.present(token.request()), inUse, 'contended')
  token.wait(1_001)
  t.is((await token.present(token.request())).consumed, undefined)
})

test('right after the reply only the same connection, or one after a broken one, can repeat', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.reply()
  token.wait(1)
  t.is((await token.present(token.request(token.first.connection))).consumed, undefined)
  token.first.connection.destroy()
  t.is((await token.present(token.request())).consumed, undefined)

  const open = await rotated()
  t.teardown(open.close)
  open.reply()
  open.wait(300)
  await t.throwsAsync(open.present(open.request()), inUse)
})

test('of two repeats one wins', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.reply()
  token.wait(400)
  const [a, b] = [token.request(), token.request()]
  await Promise.all([token.present(a), token.present(b)])
  const outcomes = await Promise.allSettled([token.consume(a), token.consume(b)])
  t.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected'])
})

test('a use after the successor was used, or after the leeway, is reuse', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.reply()
  await token.artifacts.consume(model, 'successor')
  t.truthy((await token.present(token.request())).consumed)

  const late = await rotated()
  t.teardown(late.close)
  late.reply()
  late.wait(10_001)
  t.truthy((await late.present(late.request())).consumed)
})

test('another process knows the time of use only', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.wait(300)
  await t.throwsAsync(token.present(token.request(), token.elsewhere), inUse)
  token.wait(1)
  t.is((await token.present(token.request(), token.elsewhere)).consumed, undefined)
})

test('a use after the restart of the process is none in parallel', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.wait(1)
  t.is((await token.present(token.request(), token.restarted())).consumed, undefined)
})

test('a token that was used by a process which died before its successor may be repeated, once', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  await token.artifacts.destroy(model, 'successor')
  const [first, second] = [token.request(), token.request()]
  const waiting = [first, second].map((request) => token.present(request, token.elsewhere))
  token.wait(6_001)
  for (const repeat of waiting) t.is((await repeat).consumed, undefined)
  await token.elsewhere.consume('old', first)
  await t.throwsAsync(token.elsewhere.consume('old', second), inUse)
  token.wait(10_001)
  t.truthy((await token.present(token.request(), token.elsewhere)).consumed, 'reuse, once the leeway is over')
})

test('while another process may be about to store a successor, a use waits to learn whether it is one in parallel', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  await token.artifacts.destroy(model, 'successor')
  token.wait(301)
  const waiting = token.present(token.request(), token.elsewhere)
  await token.artifacts.upsert(model, 'successor', { grantId: 'g' }, { uid: 'old' }, undefined)
  await t.throwsAsync(waiting, inUse)
})

test('a use whose successor could not be stored may be repeated as soon as it is over', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  await token.artifacts.destroy(model, 'successor')
  await t.throwsAsync(token.present(token.request()), inUse)
  token.first.over = true
  const repeat = token.request()
  t.is((await token.present(repeat)).consumed, undefined)
  await token.consume(repeat)
  await t.throwsAsync(token.present(token.request()), inUse, 'the repeat is under way')
})

test('what another process is repeating is in use', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.reply()
  token.first.over = true
  token.wait(7_000)
  const repeat = token.request()
  await token.present(repeat, token.elsewhere)
  await token.elsewhere.consume('old', repeat)
  const second = token.present(token.request())
  await token.artifacts.upsert(model, 'another', { grantId: 'g' }, { uid: 'old' }, undefined)
  await t.throwsAsync(second, inUse)
  await t.throwsAsync(token.present(token.request()), inUse)
})

test('every repeat begins the leeway anew, for a minute at most', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  for (let successors = 1; successors <= 6; successors++) {
    token.reply()
    token.wait(9_900)
    const repeat = token.request()
    t.is((await token.present(repeat)).consumed, undefined, `${successors}`)
    await token.consume(repeat)
    await token.artifacts.upsert(model, `successor ${successors}`, { grantId: 'g' }, { uid: 'old' }, undefined)
  }
  token.reply()
  token.wait(9_900)
  t.truthy((await token.present(token.request())).consumed)
})

test('the leeway begins when the server is there again, for a minute at most', async (t) => {
  const outcome = async (down: number, wait: number) => {
    const token = await rotated()
    t.teardown(token.close)
    token.wait(down)
    const process = token.restarted(15_000)
    token.wait(wait)
    return (await token.present(token.request(), process)).consumed ? 'reuse' : 'repeat'
  }
  t.is(await outcome(40_000, 10_000), 'repeat')
  t.is(await outcome(40_000, 10_001), 'reuse')
  t.is(await outcome(60_000, 1), 'reuse')
})

test('a successor that a repeat has replaced is reuse at once: of a thief and the owner one has it', async (t) => {
  const token = await rotated()
  t.teardown(token.close)
  token.reply()
  token.wait(2_000)
  const thief = token.request()
  await token.present(thief)
  await token.consume(thief)
  const replaced = (await token.artifacts.find(model, 'successor')) as AdapterPayload
  for (const wait of [0, 7_000, 10_000]) {
    token.wait(wait)
    t.truthy((await token.presentAs('successor', replaced)).consumed)
  }
})
