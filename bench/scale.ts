import { createHttpClient } from '../test/helpers/http-client.ts'
import { concurrency } from './load.ts'
import { logIn } from './login-flow.ts'
import { residentMemory } from './machine.ts'
import { type Person, settlePeople } from './people.ts'
import { startOurs } from './target.ts'

const logins = 20_000
const steps = 4

/** Time from start to first answer, and resident memory in the course of 20,000 logins. */
export async function scale() {
  let people: Person[] = []
  const ours = await startOurs(async (folder, issuer) => {
    people = await settlePeople(20 * concurrency, folder, issuer)
  })
  const { send, close } = createHttpClient({ connections: concurrency })
  try {
    const residentMb = { start: residentMemory(ours.pid) } as Record<string, number>
    let begun = 0
    const logInUntil = (count: number) => async (_: unknown, worker: number) => {
      for (let turn = 0; begun < count; turn++) {
        begun++
        await logIn(ours, send, people[(worker + concurrency * turn) % people.length] as Person)
      }
    }
    for (let step = 1; step <= steps; step++) {
      const count = (logins / steps) * step
      await Promise.all(Array.from({ length: concurrency }, logInUntil(count)))
      residentMb[count] = residentMemory(ours.pid)
    }
    return [
      { bench: 'scale:start', ms: ours.startTime, target: 1500 },
      { bench: 'scale:memory', residentMb, target: 200 },
    ]
  } finally {
    close()
    await ours.stop()
  }
}
