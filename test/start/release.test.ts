/** What a reload leaves behind: nothing. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { type App, createApp, type Foundation } from '../../src/app.ts'
import type { Config } from '../../src/config/schema.ts'
import { eventually } from '../helpers/eventually.ts'
import { startInProcess } from '../secrecy/in-process.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function stoppedApp(config: Config, foundation: Foundation): Promise<WeakRef<App['handle']>> {
  const app = await createApp(config, foundation)
  await app.stop()
  return new WeakRef(app.handle)
}

test('an app that was replaced is let go, with its mail loop and timers', async t => {
  const { config, foundation } = await startInProcess(t, { config: { mail: { smtp: 'smtp://localhost:9' } } })
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout' || name === 'Immediate').length
  const before = timers()
  const replaced = await stoppedApp(config, foundation)
  await eventually('the app is collected', async () => {
    collect()
    return replaced.deref() === undefined || undefined
  })
  t.true(timers() <= before + 1, 'nothing but this test\'s own wait')
})
