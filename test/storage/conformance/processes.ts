import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import test from 'ava'
import { openStorage, type StorageConfig } from '../../../src/storage/index.ts'
import type { Answer, Message, Task } from '../racer.ts'
import { account, mail } from './samples.ts'
import { type Backend, checks, together } from './store.ts'

/** Another process with the same store. */
interface Racer {
  process: ChildProcess
  run(config: StorageConfig, task: Task, times?: number): Promise<number[]>
}

function startRacer(): Racer {
  const child = fork(new URL('../racer.ts', import.meta.url))
  child.setMaxListeners(0)
  let messages = 0
  return {
    process: child,
    run(config, task, times = 0) {
      const number = messages++
      return new Promise((resolve, reject) => {
        child.on('exit', reject)
        child.on('message', function listen(answer: Answer) {
          if (!('number' in answer) || answer.number !== number) return
          child.off('message', listen).off('exit', reject)
          if ('error' in answer) reject(new Error(answer.error))
          else resolve(answer.result as number[])
        })
        child.send({ number, config, task, times } satisfies Message)
      })
    },
  }
}

export function processes(backend: Backend): void {
  const check = checks(backend, 'processes')
  const racers: Racer[] = []
  test.before(() => void racers.push(startRacer(), startRacer()))
  test.after.always(() => racers.forEach((racer) => racer.process.disconnect()))

  /** Both processes do the tasks at once, one each or the same; resolves to what each won. */
  async function race(config: StorageConfig, times: number, tasks: readonly [Task, Task]): Promise<[number[], number[]]> {
    const [one, other] = racers as [Racer, Racer]
    await Promise.all([one.run(config, 'open'), other.run(config, 'open')])
    return Promise.all([one.run(config, tasks[0], times), other.run(config, tasks[1], times)])
  }

  const times = 200
  const everyIndex = Array.from({ length: times }, (_, index) => index)
  const inOrder = (numbers: number[]) => numbers.toSorted((a, b) => a - b)

  test(`${backend.name} processes: two that open a new store at once both can`, async (t) => {
    for (let round = 0; round < 5; round++) {
      const { config, remove } = await backend.create()
      t.teardown(remove)
      await t.notThrowsAsync(Promise.all(racers.map((racer) => racer.run(config, 'insert', 1))))
    }
  })

  for (const task of ['claim', 'insert'] as const) {
    check(`each ${task} is won by one process`, async (t, { config }) => {
      t.deepEqual(inOrder((await race(config, times, [task, task])).flat()), everyIndex)
    })
  }

  check('each value is taken by one process', async (t, { storage: { ephemeral, clock }, config }) => {
    await together(times, (index) => ephemeral.set(`take:${index}`, index, clock.now() + 3_600_000))
    t.deepEqual(inOrder((await race(config, times, ['take', 'take'])).flat()), everyIndex)
  })

  const rivals = [
    ['consume', 'consume'],
    ['consume', 'destroyUnconsumed'],
    ['destroyUnconsumed', 'destroyUnconsumed'],
  ] as const
  for (const tasks of rivals) {
    check(`${tasks.join(' against ')}: one process wins each`, async (t, { storage: { artifacts }, config }) => {
      await together(times, (index) => artifacts.upsert('Code', `${index}`, {}, {}, undefined))
      t.deepEqual(inOrder((await race(config, times, tasks)).flat()), everyIndex)
    })
  }

  check('updates of two processes all count', async (t, { storage, config }) => {
    await storage.accounts.insert({ ...account('counter'), createdAt: 0 })
    await race(config, times, ['count', 'count'])
    t.is(await storage.ephemeral.get('count'), 2 * times)
    t.is((await storage.accounts.get('counter'))?.createdAt, 2 * times)
    t.is((await storage.audit.query({ limit: 1000 })).length, 2 * Math.ceil(times / 7))
  })

  check('each mail is claimed by one process', async (t, { storage: { outbox, clock }, config }) => {
    await together(times, (index) => outbox.put(mail(`${index}`, clock.now() - 1000, 3_600_000)))
    t.deepEqual(inOrder((await race(config, times, ['claimDue', 'claimDue'])).flat()), everyIndex)
  })

  check('what a process was answered survives its being killed', async (t, { config }) => {
    const racer = startRacer()
    t.teardown(() => racer.process.kill('SIGKILL'))
    let answered = -1
    const ended = t.throwsAsync(racer.run(config, 'writeForever'), { any: true })
    const enough = new Promise<void>((resolve) => {
      racer.process.on('message', (message: Answer) => {
        if ('answered' in message) answered = message.answered
        if (answered > 200) resolve()
      })
    })
    await enough
    racer.process.kill('SIGKILL')
    await once(racer.process, 'exit')
    await ended

    const again = await openStorage(config)
    t.teardown(() => again.close())
    const found = await together(answered + 1, (index) => again.accounts.get(`${index}`))
    t.true(found.every((document) => document !== undefined))
  })
}
