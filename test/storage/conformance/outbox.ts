import { AppError } from '../../../src/errors.ts'
import { mail } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

export function outbox(backend: Backend): void {
  const check = checks(backend, 'outbox')

  check('a mail is put once, read and updated', async (t, { storage: { outbox, clock } }) => {
    const one = mail('one', clock.now())
    await outbox.put(one)
    await t.throwsAsync(outbox.put(one), { instanceOf: AppError, code: 'already_exists' })
    t.deepEqual(await outbox.get('one'), one)
    t.is(await outbox.get('absent'), undefined)

    const { sealed: _, ...rest } = one
    const delivered = { ...rest, state: 'delivered' as const }
    t.deepEqual(await outbox.update('one', () => delivered), delivered)
    t.deepEqual(await outbox.get('one'), delivered)
    t.is(await outbox.update('absent', () => delivered), undefined)
  })

  check('only due mails are claimed, the longest due first, at most so many', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await outbox.put({ ...mail('late', now - 10), nextAttemptAt: now - 10 })
    await outbox.put({ ...mail('later', now - 20), nextAttemptAt: now - 5 })
    await outbox.put({ ...mail('now', now - 30), nextAttemptAt: now })
    await outbox.put({ ...mail('soon', now), nextAttemptAt: now + 1 })
    await outbox.put({ ...mail('delivered', now - 50), state: 'delivered' })
    await outbox.put({ ...mail('failed', now - 50), state: 'failed' })

    const first = await outbox.claimDue('mail', now, now + 1000, 2)
    t.deepEqual(first.map(({ id }) => id).toSorted(), ['late', 'later'])
    t.true(first.every(({ state, nextAttemptAt }) => state === 'sending' && nextAttemptAt === now + 1000))
    t.deepEqual((await outbox.claimDue('mail', now, now + 1000, 9)).map(({ id }) => id), ['now'])
    t.deepEqual(await outbox.claimDue('mail', now, now + 1000, 9), [])
  })

  check('a claim that ran out can be made again', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await outbox.put(mail('one', now))
    t.is((await outbox.claimDue('mail', now, now + 1000, 1)).length, 1)
    t.is((await outbox.claimDue('mail', now + 999, now + 2000, 1)).length, 0)
    t.is((await outbox.claimDue('mail', now + 1000, now + 2000, 1)).length, 1)
  })

  check('parallel claims share the mails', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await together(20, (index) => outbox.put(mail(`m${index}`, now)))
    const claims = await together(8, () => outbox.claimDue('mail', now, now + 1000, 4))
    const ids = claims.flat().map(({ id }) => id)
    t.is(ids.length, 20)
    t.is(new Set(ids).size, 20)
  })

  check('an expired mail has no body and is not sent', async (t, { storage: { outbox, clock }, advance }) => {
    await outbox.put(mail('one', clock.now(), 1000))
    await outbox.put({ ...mail('two', clock.now(), 1000), state: 'failed' })
    await outbox.put({ ...mail('three', clock.now(), 1000), state: 'kept' })
    advance(1000)
    t.like(await outbox.get('one'), { state: 'expired', sealed: undefined })
    t.like(await outbox.get('two'), { state: 'failed', sealed: undefined })
    t.like(await outbox.get('three'), { state: 'expired', sealed: undefined })
    t.deepEqual(await outbox.list(9), [])
    t.deepEqual(await outbox.claimDue('mail', clock.now(), clock.now() + 1000, 9), [])
    t.is(await outbox.depth(), 0)
    await outbox.update('one', (current) => {
      t.is(current.sealed, undefined)
      return undefined
    })
  })

  check('what is kept is listed, and neither claimed nor counted', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await outbox.put({ ...mail('one', now), state: 'kept' })
    t.deepEqual(await outbox.claimDue('mail', now, now + 1000, 9), [])
    t.is(await outbox.depth(), 0)
    t.deepEqual((await outbox.list(9)).map(({ id, state }) => ({ id, state })), [{ id: 'one', state: 'kept' }])
  })

  check('each channel is claimed and counted by itself; what names none is a mail', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await outbox.put(mail('unnamed', now - 3))
    await outbox.put({ ...mail('mail', now - 2), channel: 'mail' })
    await outbox.put({ ...mail('text', now - 1), channel: 'sms' })
    t.deepEqual([await outbox.depth(), await outbox.depth('mail'), await outbox.depth('sms')], [3, 2, 1])
    t.deepEqual((await outbox.claimDue('sms', now, now + 1000, 9)).map(({ id }) => id), ['text'])
    t.deepEqual((await outbox.claimDue('mail', now, now + 1000, 9)).map(({ id }) => id), ['unnamed', 'mail'])
  })

  check('list shows those with a body, newest first; depth counts the undelivered', async (t, { storage: { outbox, clock } }) => {
    const now = clock.now()
    await outbox.put(mail('old', now - 30))
    await outbox.put(mail('new', now - 10))
    await outbox.put(mail('middle', now - 20))
    await outbox.put({ ...mail('failed', now - 40), state: 'failed' })
    const { sealed: _, ...bodyless } = mail('delivered', now)
    await outbox.put({ ...bodyless, state: 'delivered' })
    t.deepEqual((await outbox.list(9)).map(({ id }) => id), ['new', 'middle', 'old', 'failed'])
    t.deepEqual((await outbox.list(1)).map(({ id }) => id), ['new'])
    t.is(await outbox.depth(), 3)
    await outbox.claimDue('mail', now, now + 1000, 1)
    t.is(await outbox.depth(), 3)
  })
}
