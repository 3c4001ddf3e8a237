import { createHttpClient } from '../test/helpers/http-client.ts'
import { compare, concurrency, round } from './load.ts'
import { logIn } from './login-flow.ts'
import { type Person, settlePeople, strangers } from './people.ts'
import { storeCalls } from './store-calls.ts'
import { startBare, startOurs } from './target.ts'

/** Complete passkey logins per second, against the engine alone. */
export async function login() {
  let people: Person[] = []
  const ours = await startOurs(async (folder, issuer) => {
    people = await settlePeople(20 * concurrency, folder, issuer)
  })
  const bare = await startBare()
  const { send, close } = createHttpClient({ connections: concurrency })
  try {
    const takeTurns = (everybody: Person[]) => {
      const turns = new Array<number>(concurrency).fill(0)
      // each worker has its own people: nobody signs in twice at once in one browser
      return (worker: number) => everybody[worker + concurrency * ((turns[worker] = (turns[worker] ?? 0) + 1) % (everybody.length / concurrency))] as Person
    }
    const [nextBare, nextOurs] = [takeTurns(strangers(concurrency)), takeTurns(people)]
    const result = await compare(
      { pid: bare.pid, operation: worker => logIn(bare, send, nextBare(worker)) },
      { pid: ours.pid, operation: worker => logIn(ours, send, nextOurs(worker)) },
    )
    const before = await storeCalls(ours.issuer)
    await logIn(ours, send, nextOurs(0))
    const after = await storeCalls(ours.issuer)
    return [
      {
        bench: 'login',
        bare: result.bare.perSecond,
        ours: result.ours.perSecond,
        ratio: result.ratio,
        target: 0.5,
        cpuMsPerLogin: result.ours.cpuMs,
        bareCpuMsPerLogin: result.bare.cpuMs,
        cpuRatio: round(result.bare.cpuMs / result.ours.cpuMs),
        storeCallsPerLogin: total(after) - total(before),
        storeCalls: Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]).filter(([, count]) => count)),
        p50: result.ours.p50,
        p99: result.ours.p99,
        ratios: result.ratios,
      },
    ]
  } finally {
    close()
    await Promise.all([bare.stop(), ours.stop()])
  }
}

const total = (calls: Record<string, number>) => Object.values(calls).reduce((sum, count) => sum + count, 0)
