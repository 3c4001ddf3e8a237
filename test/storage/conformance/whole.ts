import { AppError } from '../../../src/errors.ts'
import { openStorage } from '../../../src/storage/index.ts'
import { account, device, identifier, mail, passkey } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

export function whole(backend: Backend): void {
  const check = checks(backend, 'store')

  check('what was answered is there after closing and opening again', async (t, { storage, config }) => {
    const expiresAt = storage.clock.now() + 60_000
    await storage.artifacts.upsert('Session', 'k', { n: 1 }, { uid: 'u', grantId: 'g' }, expiresAt)
    await storage.ephemeral.set('k', [1], expiresAt)
    await storage.accounts.insert(account('a'))
    await storage.identifiers.insert(identifier('ann@example.com'))
    await storage.passkeys.insert(passkey('p'))
    await storage.devices.insert(device('d'))
    await storage.audit.append({ id: 'e', at: 1, type: 'sign_in' })
    const one = mail('m', storage.clock.now())
    await storage.outbox.put(one)
    await storage.close()

    const again = await openStorage(config)
    t.teardown(() => again.close())
    t.deepEqual(await again.artifacts.findByUid('Session', 'u'), { key: 'k', payload: { n: 1 } })
    t.deepEqual(await again.ephemeral.get('k'), [1])
    t.deepEqual(await again.accounts.get('a'), account('a'))
    t.deepEqual(await again.identifiers.get('email:ann@example.com'), identifier('ann@example.com'))
    t.deepEqual(await again.passkeys.listByAccount('a'), [passkey('p')])
    t.deepEqual(await again.devices.listByDevice('d'), [device('d')])
    t.deepEqual(await again.audit.query({ limit: 9 }), [{ id: 'e', at: 1, type: 'sign_in' }])
    t.deepEqual(await again.outbox.get('m'), one)
  })

  check('close waits for queued writes; afterwards everything is store_unavailable', async (t, { storage, config }) => {
    const queued = together(50, (index) => storage.accounts.insert(account(`a${index}`)))
    await storage.close()
    await queued
    await storage.close()
    const unavailable = { instanceOf: AppError, code: 'store_unavailable' }
    await t.throwsAsync(storage.accounts.get('a0'), unavailable)
    await t.throwsAsync(storage.accounts.insert(account('b')), unavailable)
    await t.throwsAsync(storage.artifacts.find('Session', 'k'), unavailable)
    await t.throwsAsync(storage.ephemeral.take('k'), unavailable)
    await t.throwsAsync(storage.audit.query({ limit: 1 }), unavailable)
    await t.throwsAsync(storage.outbox.claimDue('mail', 1, 2, 3), unavailable)
    await t.throwsAsync(storage.ping(), unavailable)

    const again = await openStorage(config)
    t.teardown(() => again.close())
    t.deepEqual(await again.accounts.get('a49'), account('a49'))
  })

  check('processes whose clocks are 5 minutes apart agree on the time', async (t, { config }) => {
    const minutes = 60_000
    let skew = -5 * minutes
    const slow = await openStorage(config, { now: () => Date.now() + skew })
    const fast = await openStorage(config, { now: () => Date.now() + 5 * minutes })
    t.teardown(() => Promise.all([slow.close(), fast.close()]))
    const apart = () => Math.abs(slow.clock.now() - fast.clock.now())
    t.true(apart() < minutes)

    skew = 5 * minutes
    t.true(apart() > 9 * minutes)
    await slow.ping()
    t.true(apart() < minutes)
  })
}
