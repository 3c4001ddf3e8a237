import test from 'ava'
import { AppError } from '../../src/errors.ts'
import type { Ceremony } from '../../src/passkeys/index.ts'
import { createReports, readReport } from '../../src/passkeys/index.ts'
import { openStore } from '../storage/sqlite/opened.ts'

const started = { ceremony: 'get', mediation: 'modal', outcome: 'started', id: '0123456789abcdef', capabilities: { script: true, webauthn: true, platform: true, conditional: true, immediate: false } }
const source = { scope: 'cid', userAgent: 'curl/8', clientId: 'shop' }

test('a report is read as our own script writes it, and as nothing else', (t) => {
  t.deepEqual(readReport(started), started)
  t.deepEqual(readReport({ ...started, outcome: 'failed', error: 'AbortError', elapsed: 12.4, capabilities: undefined }), { ...started, outcome: 'failed', error: 'AbortError', elapsed: 12, capabilities: undefined })
  t.is(readReport({ ...started, error: 'Whatever' }).error, 'other')

  const without = (name: string) => Object.fromEntries(Object.entries(started).filter(([key]) => key !== name))
  const refused: [string, unknown][] = [
    ...['ceremony', 'mediation', 'outcome', 'id'].map((name): [string, unknown] => [`no ${name}`, without(name)]),
    ...[undefined, null, 1, 'text', [], [started], true].map((value): [string, unknown] => [JSON.stringify(value) ?? 'nothing', value]),
    ['a field that is not ours', { ...started, email: 'visitor@example.com' }],
    ['a capability that is not ours', { ...started, capabilities: { device: true } }],
    ['a capability in words', { ...started, capabilities: { webauthn: 'yes' } }],
    ['another ceremony', { ...started, ceremony: 'sign' }],
    ['another mediation', { ...started, mediation: 'silent' }],
    ['a success, which only an answer can be', { ...started, outcome: 'ok' }],
    ['abandoned, which only time can tell', { ...started, outcome: 'abandoned' }],
    ['a short id', { ...started, id: '0123' }],
    ['an id with more', { ...started, id: '0123456789abcdef\n' }],
    ['an id that is no text', { ...started, id: 123 }],
    ['a long error', { ...started, error: 'x'.repeat(65) }],
    ['an error that is no text', { ...started, error: { name: 'AbortError' } }],
    ['time that runs backwards', { ...started, elapsed: -1 }],
    ['time without end', { ...started, elapsed: 1e12 }],
    ['time in words', { ...started, elapsed: '12' }],
  ]
  for (const [what, value] of refused) {
    const error = t.throws(() => readReport(value), { instanceOf: AppError, code: 'bad_request' }, what)
    t.notRegex(error?.message ?? '', /example\.com/)
  }
})

test('a failure gets its reason; so many are kept per login and hour', async (t) => {
  const { storage, advance } = await openStore(t)
  const kept: Ceremony[] = []
  const reports = createReports({ ephemeral: storage.ephemeral, clock: storage.clock, ceremonies: { record: async (one) => void kept.push(one) } })
  const failed = readReport({ ...started, outcome: 'failed', error: 'NotAllowedError', elapsed: 40_000 })
  t.true(await reports.receive(failed, source))
  t.deepEqual(kept, [{ userAgent: 'curl/8', clientId: 'shop', ceremony: 'get', mediation: 'modal', outcome: 'timeout', ceremonyId: started.id, error: 'NotAllowedError', elapsed: 40_000, capabilities: started.capabilities }])

  await reports.receive({ ...failed, ceremony: 'create', error: 'InvalidStateError' }, { ...source, scope: 'one that creates' })
  t.is(kept.pop()?.outcome, 'exists')

  const send = (scope: string) => reports.receive(readReport(started), { ...source, scope })
  const results = await Promise.all(Array.from({ length: 60 }, () => send('cid')))
  t.is(results.filter(Boolean).length, 49)
  t.is(kept.length, 50)
  t.true(await send('another'))
  advance(3_600_000 - 1)
  t.false(await send('cid'))
  advance(1)
  t.true(await send('cid'))
})
