/** The pages that hand out everybody's codes must not be reached by another spelling of their address. */
import test from 'ava'
import { outboxRoutes } from '../../src/demo/outbox.ts'
import { mount, serve } from '../http/server.ts'
import { createLog } from '../../src/http/log.ts'
import { demoRoutes } from '../../src/demo/routes.ts'
import { startInProcess } from '../helpers/in-process.ts'

const spellings = ['/dev/outbox.json', '/Dev/outbox.json', '/DEV/OUTBOX.JSON', '/dev/Outbox.json', '/dev/outbox.json/', '//dev/outbox.json', '/dev//outbox.json', '/dev/%6Futbox.json', '/%64ev/outbox.json']

test('the mailbox is closed to what came through a proxy, however its address is spelt', async (t) => {
  const mails = [{ channel: 'mail' as const, to: 'ada@example.com', subject: 'Your code', text: '123456', html: '', at: 0 }]
  const { send } = await serve(t, ({ issuer }) => [mount(outboxRoutes({ config: { issuer, locales: ['en'] }, listForDevelopment: async () => mails }))])
  for (const path of spellings) {
    for (const headers of [{ 'x-forwarded-for': '203.0.113.9' }, { host: 'evil.example' }]) {
      const { status, text } = await send(path, { headers })
      t.is(status, 404, path)
      t.false(text.includes('123456'), path)
    }
  }
})

test('so is the demo app', async (t) => {
  const server = await startInProcess()
  t.teardown(() => server.dispose())
  const { send } = await serve(t, () => [mount(demoRoutes({ config: server.config, keyring: server.foundation.keyring, log: createLog({ level: 'silent' }) }))])
  for (const path of ['/demo', '/Demo', '/demo/sign-in', '/Demo/Sign-In', '/DEMO/callback']) {
    t.is((await send(path, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 404, path)
  }
})

test('the whole application answers the same', async (t) => {
  const server = await startInProcess()
  t.teardown(() => server.dispose())
  for (const path of spellings) t.is((await fetch(server.issuer + path, { headers: { 'x-forwarded-for': '203.0.113.9' } })).status, 404, path)
})
