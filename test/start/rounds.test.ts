/** What a running process looks after by itself, with the minute between two rounds passed by hand. */
import test from 'ava'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { ceremony } from '../storage/conformance/samples.ts'

const minute = 60_000

test('a dialog that nobody answered is found by the process itself, which stops looking when it stops', async (t) => {
  const rounds: (() => void)[] = []
  const { setTimeout: real } = globalThis
  globalThis.setTimeout = ((run: () => void, ms?: number, ...rest: []) => {
    if (ms !== minute) return real(run, ms, ...rest)
    rounds.push(run)
    return real(() => {}, 0)
  }) as typeof setTimeout
  t.teardown(() => void (globalThis.setTimeout = real))
  const server = await startInProcess()
  const { storage, metrics } = server.foundation
  try {
    const at = storage.clock.now()
    await storage.ceremonies.append(ceremony('a', { at, expiresAt: at + 1e9, ceremonyId: '0123456789abcdef', outcome: 'started' }))
    server.advance(11 * minute)
    t.is(rounds.length, 1)
    rounds[0]!()
    await eventually('the event', async () => (await storage.ceremonies.query({ outcomes: ['abandoned'], limit: 1 }))[0])
    t.regex(await metrics.render(), /^latchkey_passkey_ceremonies_total\{[^}]*outcome="abandoned"[^}]*\} 1$/m)
    await eventually('the next round', async () => rounds[1])
    await server.app.stop()
    rounds[1]!()
    await new Promise((resolve) => setImmediate(resolve))
    t.is(rounds.length, 2)
  } finally {
    await server.dispose()
  }
})
