import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { createRounds } from '../../src/passkeys/index.ts'
import { eventually } from '../helpers/eventually.ts'

test('tasks come round again, also after one has failed, until they are stopped', async (t) => {
  const lines: object[] = []
  let failing = 0
  let other = 0
  const task = async () => {
    failing++
    throw new Error('the store is away')
  }
  const rounds = createRounds({ tasks: [task, async () => void other++], interval: 1, log: { error: (fields) => void lines.push(fields) } })
  rounds.start()
  await eventually('three rounds', async () => other >= 3 || undefined)
  await rounds.stop()
  const [failed, done] = [failing, other]
  t.true(failed >= 3)
  t.is(lines.length, failed)
  t.like(lines[0], { task: 'task' })
  await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual([failing, other], [failed, done])
})

test('stop waits for the round under way, and nothing begins after it', async (t) => {
  const under = Promise.withResolvers<void>()
  const seen: string[] = []
  const rounds = createRounds({
    tasks: [async () => (seen.push('begun'), under.promise.then(() => void seen.push('ended'))), async () => void seen.push('the next one')],
    interval: 1,
    log: { error: () => {} },
  })
  rounds.start()
  await eventually('the first round', async () => seen.length > 0 || undefined)
  const stopped = rounds.stop().then(() => void seen.push('stopped'))
  under.resolve()
  await stopped
  t.deepEqual(seen, ['begun', 'ended', 'stopped'])
})

test('they keep no process alive', async (t) => {
  const script = `import { createRounds } from './src/passkeys/rounds.ts'
    createRounds({ tasks: [], log: { error() {} } }).start()
    console.log('started')`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = once(child.stdout, 'data')
  t.teardown(() => child.kill())
  t.regex(String((await said)[0]), /started/)
  t.deepEqual(await once(child, 'close'), [0, null])
})
