import { Counter, type Registry } from 'prom-client'

/** Time series of one counter. Real browsers make a few hundred; more are somebody's who tries out names. */
const most = 2_000

/**
 * A counter with many labels, whose time series stay few whatever is sent: once there are `most` of them, what is new
 * counts under `other` in the labels that are `folded`.
 */
export function createBoundedCounter<L extends string>({ name, help, labelNames, folded, registers, limit = most }: {
  name: string
  help: string
  labelNames: readonly L[]
  folded: readonly L[]
  registers: Registry[]
  limit?: number
}): { inc(labels: Record<L, string>): void } {
  const counter = new Counter({ name, help, labelNames, registers })
  const seen = new Set<string>()
  return {
    inc(labels) {
      const series = labelNames.map((label) => labels[label]).join('|')
      if (!seen.has(series) && seen.size >= limit) {
        counter.inc({ ...labels, ...Object.fromEntries(folded.map((label) => [label, 'other'])) })
        return
      }
      seen.add(series)
      counter.inc(labels)
    },
  }
}
