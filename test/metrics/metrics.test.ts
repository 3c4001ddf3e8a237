import { globSync, readFileSync } from 'node:fs'
import test from 'ava'
import { Registry } from 'prom-client'
import { Router } from '@koa/router'
import type { State } from '../../src/http/context.ts'
import { requestLog } from '../../src/http/request-log.ts'
import { availableMethods } from '../../src/policy/types.ts'
import { createBoundedCounter } from '../../src/metrics/bounded-counter.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { watchStorage } from '../../src/metrics/storage.ts'
import type { Storage } from '../../src/storage/types.ts'
import { mount, serve } from '../http/server.ts'

test('requests are counted by route pattern, never by path', async (t) => {
  const metrics = createMetrics()
  const { send } = await serve(t, ({ log }) => {
    const router = new Router<State>()
    router.get('/interaction/:uid', (ctx) => {
      ctx.body = 'ok'
    })
    return [requestLog({ log, observe: metrics.request }), mount(router)]
  })
  await send('/interaction/SECRET-1?code=SECRET')
  await send('/interaction/SECRET-2')
  await send('/SECRET-PATH')
  await send('/x', { method: 'PROPFIND' })
  const text = await metrics.render()
  t.true(text.includes('latchkey_http_request_duration_seconds_count{method="GET",route="/interaction/:uid",status="200"} 2'))
  t.true(text.includes('{method="GET",route="none",status="404"} 1'))
  t.true(text.includes('{method="other",route="none",status="404"} 1'))
  t.false(text.includes('SECRET'))
})

const ceremony = { ceremony: 'get', mediation: 'conditional', outcome: 'ok', browser: 'Safari', platform: 'Mac', provider: 'Apple Passwords' }

test('logins, codes, passkeys, mails and the queue', async (t) => {
  const metrics = createMetrics({
    outboxDepth: async (channel) => (channel === 'mail' ? 7 : 3),
    accounts: async () => ({ withPasskey: 4, without: 6 }),
  })
  for (const method of availableMethods) metrics.login(method)
  metrics.signUp()
  metrics.codeSent('sent')
  metrics.codeChecked('wrong')
  metrics.passkeyCeremony(ceremony)
  metrics.passkeyOffer('shown', 'email_otp')
  metrics.passkeyReportDropped()
  metrics.message('mail', 'delivered')
  metrics.message('sms', 'retry')
  const text = await metrics.render()
  for (const line of [
    ...availableMethods.map((method) => `latchkey_logins_total{method="${method}"} 1`),
    'latchkey_sign_ups_total 1',
    'latchkey_code_sends_total{outcome="sent"} 1',
    'latchkey_code_checks_total{outcome="wrong"} 1',
    'latchkey_passkey_ceremonies_total{ceremony="get",mediation="conditional",outcome="ok",browser="Safari",platform="Mac",provider="Apple Passwords"} 1',
    'latchkey_passkey_offers_total{outcome="shown",occasion="email_otp"} 1',
    'latchkey_passkey_reports_dropped_total 1',
    'latchkey_accounts{passkey="yes"} 4',
    'latchkey_accounts{passkey="no"} 6',
    'latchkey_messages_total{channel="mail",outcome="delivered"} 1',
    'latchkey_messages_total{channel="sms",outcome="retry"} 1',
    'latchkey_outbox_depth{channel="mail"} 7',
    'latchkey_outbox_depth{channel="sms"} 3',
  ]) {
    t.true(text.split('\n').includes(line), line)
  }
  t.regex(text, /^nodejs_eventloop_lag_p99_seconds /m)
  t.regex(text, /^process_resident_memory_bytes /m)
})

test('every storage call is timed, failed ones too, and answers as before', async (t) => {
  const calls: string[] = []
  const nothing = {}
  const storage = {
    artifacts: { find: async (model: string, key: string) => `${model}/${key}` },
    ephemeral: { take: () => Promise.reject(new Error('away')) },
    accounts: nothing, identifiers: nothing, passkeys: nothing, factors: nothing, devices: nothing, changes: nothing,
    audit: nothing, rules: nothing, prompts: nothing, ceremonies: nothing, outbox: nothing, tallies: nothing,
    kind: 'embedded', clock: { now: () => 1 },
  } as unknown as Storage
  const timed = watchStorage(storage, { store: (operation) => ({ observe: (seconds) => void (seconds >= 0 && calls.push(operation)) }) })
  t.is(await timed.artifacts.find('Session', 'k'), 'Session/k')
  await t.throwsAsync(timed.ephemeral.take('k'), { message: 'away' })
  t.deepEqual(calls, ['artifacts.find', 'ephemeral.take'])
  t.is(timed.clock, storage.clock)
})

test('a counter with many labels stays small: what is new after its limit counts as other, where that is said', async (t) => {
  const registers = [new Registry()]
  const counter = createBoundedCounter({ name: 'n', help: 'h', labelNames: ['outcome', 'browser'], folded: ['browser'], registers, limit: 3 })
  for (const browser of ['a', 'b', 'c', 'd', 'e', 'a']) counter.inc({ outcome: 'ok', browser })
  counter.inc({ outcome: 'closed', browser: 'f' })
  const lines = (await registers[0]!.metrics()).split('\n').filter((line) => line.startsWith('n{'))
  t.deepEqual(lines, [
    'n{outcome="ok",browser="a"} 2', 'n{outcome="ok",browser="b"} 1', 'n{outcome="ok",browser="c"} 1', 'n{outcome="ok",browser="other"} 2', 'n{outcome="closed",browser="other"} 1',
  ])
})

test('the metrics that the documentation speaks of are there', async (t) => {
  const text = await createMetrics({ outboxDepth: async () => 0, accounts: async () => ({ withPasskey: 0, without: 0 }) }).render()
  const docs = ['README.md', ...globSync('docs/*.md')].map((file) => readFileSync(file, 'utf8')).join()
  const names = new Set(docs.match(/\blatchkey_[a-z_]+(?=`|\{|\[|\))/g))
  t.true(names.size >= 5)
  t.deepEqual([...names].filter((name) => !text.includes(`# TYPE ${name} `)), [])
})
