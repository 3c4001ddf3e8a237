/** What a reload leaves behind: nothing. */
import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { createApp, type Foundation } from '../../src/app.ts'
import type { Config } from '../../src/config/schema.ts'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess } from '../helpers/in-process.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const withMail = { config: { mail: { smtp: 'smtp://localhost:9' } } }

/** Parts of its config stand for the app: whatever is left of it holds some of them. */
async function stoppedApp(config: Config, foundation: Foundation): Promise<WeakRef<object>[]> {
  const own = structuredClone(config)
  const app = await createApp(own, foundation)
  await app.stop()
  return [own.theme, own.passkeys, own.mail, own.clients].map(part => new WeakRef<object>(part))
}

test.serial('an app that was replaced is let go', async t => {
  const { config, foundation, dispose } = await startInProcess(withMail)
  t.teardown(dispose)
  const replaced = await stoppedApp(config, foundation)
  await eventually('the app is collected', async () => {
    collect()
    return replaced.every(part => part.deref() === undefined) || undefined
  })
  t.pass()
})

test.serial('its mail loop looks at the store no more', async t => {
  const { config, foundation, dispose } = await startInProcess(withMail)
  t.teardown(dispose)
  const { outbox } = foundation.storage
  let claims = 0
  const looked = Promise.withResolvers<void>()
  const claimDue: typeof outbox.claimDue = (...due) => {
    claims++
    looked.resolve()
    return outbox.claimDue(...due)
  }
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const app = await createApp(config, { ...foundation, storage: { ...foundation.storage, outbox: { ...outbox, claimDue } } })
  await looked.promise
  await app.stop()
  const before = claims
  mock.timers.tick(60_000)
  await setImmediate()
  t.is(claims, before)
})
