import { cpuTime } from './machine.ts'

/** How a server did under load. Times in ms. */
export interface Load {
  count: number
  perSecond: number
  cpuMs: number
  p50: number
  p99: number
}

export const concurrency = 16

/** Runs `operation(worker)` again and again, `concurrency` at a time, until time is up. */
export async function load(pid: number, ms: number, operation: (worker: number) => Promise<unknown>): Promise<Load> {
  const times: number[] = []
  const [started, cpuBefore] = [performance.now(), cpuTime(pid)]
  await Promise.all(
    Array.from({ length: concurrency }, async (_, worker) => {
      while (performance.now() - started < ms) {
        const began = performance.now()
        await operation(worker)
        times.push(performance.now() - began)
      }
    }),
  )
  const took = performance.now() - started
  times.sort((a, b) => a - b)
  const at = (share: number) => round(times[Math.floor(share * (times.length - 1))] ?? Number.NaN)
  return {
    count: times.length,
    perSecond: round((1000 * times.length) / took),
    cpuMs: round((cpuTime(pid) - cpuBefore) / times.length),
    p50: at(0.5),
    p99: at(0.99),
  }
}

interface Side {
  pid: number
  operation: (worker: number) => Promise<unknown>
}

/** Operations before the first round: a server that has just started runs code that is not compiled yet. */
const warmUp = 2_000

/** Both sides in turn, several times: what the machine does meanwhile hits both, and only the ratio is read. */
export async function compare(bare: Side, ours: Side, { rounds = 5, seconds = 3 } = {}) {
  const run = (side: Side, s = seconds) => load(side.pid, 1000 * s, side.operation)
  for (const side of [bare, ours]) for (let done = 0; done < warmUp; ) done += (await run(side, 1)).count
  const pairs: { bare: Load; ours: Load; ratio: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const [b, o] = [await run(bare), await run(ours)]
    pairs.push({ bare: b, ours: o, ratio: o.perSecond / b.perSecond })
  }
  // the round in the middle: one disturbed round must not decide
  pairs.sort((a, b) => a.ratio - b.ratio)
  const middle = pairs[Math.floor(pairs.length / 2)]
  if (!middle) throw new Error('no rounds')
  const ratios = pairs.map(({ ratio }) => round(ratio))
  return { ...middle, ratio: round(middle.ratio), ratios }
}

export const round = (value: number): number => Math.round(100 * value) / 100
