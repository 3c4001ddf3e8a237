/** A process that dies after any of the writes of a refresh, again and again: the app that repeats it gets its tokens. */
import { mkdtemp, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { AdapterPayload } from 'oidc-provider'
import { createRotation } from '../../src/oidc/rotation.ts'
import type { EngineRequest } from '../../src/oidc/request.ts'
import { openStorage } from '../../src/storage/index.ts'
import type { Artifacts } from '../../src/storage/types.ts'

const model = 'RefreshToken'
const crash = new Error('the process is dead')
/** A use writes three times at most: more means that all was written and only the reply was lost. */
const deaths = [0, 1, 2, 3]

/** The store as a process sees it that dies before its write number `writes`. */
function mortal(artifacts: Artifacts, writes: number): Artifacts {
  const living = <Arguments extends unknown[], R>(write: (...args: Arguments) => Promise<R>) => async (...args: Arguments) => {
    if (writes-- <= 0) throw crash
    return write(...args)
  }
  return { ...artifacts, consume: living(artifacts.consume), upsert: living(artifacts.upsert), patch: living(artifacts.patch) }
}

test('after any three deaths the repeat gets the one token that works', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-rotation-'))
  let now = Date.now()
  const { artifacts, clock, close } = await openStorage({ kind: 'embedded', folder }, { now: () => now })
  t.teardown(async () => { await close(); await rm(folder, { recursive: true }) })
  let successors = 0

  /** One request to a process of its own, which answers it or dies. */
  async function refresh(key: string, writes = Infinity): Promise<string> {
    now += 3_000
    const store = mortal(artifacts, writes)
    const rotation = createRotation({ artifacts: store, clock }, clock.now())
    now += 1
    const request: EngineRequest = { arrivedAt: clock.now(), connection: new Socket(), writes: [], over: false, onReply() {} }
    const stored = (await artifacts.find(model, key)) as AdapterPayload
    const payload = stored.consumed ? await rotation.present(key, stored, request) : stored
    if (payload.consumed) throw new Error('reuse')
    await rotation.consume(key, request)
    const successor = `${key}, successor ${successors++}`
    await store.upsert(model, successor, {}, { uid: key }, undefined)
    if (writes < Infinity) throw crash
    return successor
  }

  for (const first of deaths) for (const second of deaths) for (const third of deaths) {
    const key = `dies after ${first}, ${second}, ${third} writes`
    await artifacts.upsert(model, key, {}, {}, undefined)
    const earliest = successors
    for (const writes of [first, second, third]) await t.throwsAsync(refresh(key, writes), { is: crash }, key)
    const newest = await t.notThrowsAsync(refresh(key), key).then(async () => `${key}, successor ${successors - 1}`)

    for (let number = earliest; number < successors; number++) {
      const successor = `${key}, successor ${number}`
      const payload = (await artifacts.find(model, successor)) as AdapterPayload | undefined
      if (payload && successor !== newest) t.like(payload, { superseded: true }, successor)
      if (successor === newest) t.is(payload?.consumed, undefined)
    }
    t.is(await refresh(newest).then(() => 'works'), 'works', key)
    await t.throwsAsync(refresh(key), { message: 'reuse' }, key)
  }
})
