import type { Clock, Storage } from '../storage/types.ts'

/** At most `count` in any stretch of `window` ms. */
export interface Limit {
  count: number
  window: number
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** Every number that stands between a guesser and a code, and between a stranger and somebody's mailbox. */
export const numbers = {
  triesPerCode: 5,
  guesses: [{ count: 10, window: hour }, { count: 20, window: day }],
  sends: [{ count: 3, window: 15 * minute }, { count: 10, window: day }],
  /** before the second and the third code of a run; then the send budget itself says when */
  resendWaits: [30 * second, 60 * second],
  invitationEvery: day,
  /** after so many wrong guesses, however slow, codes are longer for a while */
  hardened: { after: { count: 20, window: 7 * day }, digits: 8, for: 7 * day },
} as const

/** What somebody who has to wait until then (ms) is told: whole seconds, never none. */
export const secondsUntil = (time: number, clock: Clock): number => Math.max(1, Math.ceil((time - clock.now()) / 1_000))

/** `used`: how many of the first limit's window are spent now. Times in ms. */
export type Spending = { ok: true; at: number; used: number; nextAt: number } | { ok: false; nextAt: number }

export interface Budget {
  /** takes one, in one atomic step; `nextAt` is when the next one can be had */
  spend(subject: string): Promise<Spending>
  /** gives back what `spend` took at that time */
  refund(subject: string, at: number): Promise<void>
  /** `aftermath` after `alarm` was last spent whole; undefined when it never was */
  spentUntil(subject: string): Promise<number | undefined>
}

/** `at`: when each was spent, oldest first. `exhaustedAt`: when `alarm` was last spent whole; `before`: and the time before that. */
type Entry = { at: number[]; exhaustedAt?: number; before?: number }

/**
 * A budget with sliding windows, kept under the subject alone: it survives resends, new logins, new networks and
 * restarts. `limits` run from the shortest window to the longest. That `alarm` was spent whole, by default the longest of
 * them, is remembered for `aftermath` ms; nothing is refused for it.
 */
export function createBudget(
  { ephemeral, clock }: Pick<Storage, 'ephemeral' | 'clock'>,
  { name, limits, alarm = longestOf(limits), aftermath = 0 }: { name: string; limits: readonly Limit[]; alarm?: Limit; aftermath?: number },
): Budget {
  const { window: longest } = longestOf([...limits, alarm])
  // More than that decides nothing; as many again are kept for those that are given back.
  const kept = 2 * Math.max(...[...limits, alarm].map(({ count }) => count))
  const key = (subject: string) => `budget:${name}:${subject}`
  const life = ({ at, exhaustedAt = 0 }: Entry) => Math.max((at.at(-1) ?? 0) + longest, exhaustedAt + aftermath)

  return {
    spend: (subject) => {
      const now = clock.now()
      return ephemeral.update<Entry, Spending>(key(subject), (current) => {
        const at = (current?.at ?? []).filter((time) => time > now - longest)
        const nextAt = freeAt(at, limits, now)
        if (nextAt > now) return { next: 'keep', result: { ok: false, nextAt } }

        const spent = [...at, now].sort((a, b) => a - b).slice(-kept)
        const alarmed = countSince(spent, now - alarm.window) >= alarm.count
        const value = alarmed ? entry(spent, now, current?.exhaustedAt) : entry(spent, current?.exhaustedAt, current?.before)
        const used = countSince(spent, now - limits[0]!.window)
        return { next: { value, expiresAt: life(value) }, result: { ok: true, at: now, used, nextAt: freeAt(spent, limits, now) } }
      })
    },

    refund: (subject, time) =>
      ephemeral.update<Entry, void>(key(subject), (current) => {
        const index = current?.at.lastIndexOf(time) ?? -1
        if (!current || index === -1) return { next: 'keep', result: undefined }
        const { exhaustedAt, before } = current
        const at = current.at.toSpliced(index, 1)
        // The success that came with the last guess is no sign of an attack, and takes back none that was seen before.
        const value = exhaustedAt === time ? entry(at, before) : entry(at, exhaustedAt, before)
        return { next: { value, expiresAt: life(value) }, result: undefined }
      }),

    spentUntil: async (subject) => {
      const entry = await ephemeral.get<Entry>(key(subject))
      return entry?.exhaustedAt === undefined ? undefined : entry.exhaustedAt + aftermath
    },
  }
}

const entry = (at: number[], exhaustedAt: number | undefined, before?: number): Entry =>
  ({ at, ...(exhaustedAt !== undefined && { exhaustedAt }), ...(before !== undefined && { before }) })

const longestOf = (limits: readonly Limit[]): Limit => limits.reduce((a, b) => (b.window > a.window ? b : a))

const countSince = (at: number[], since: number) => at.filter((time) => time > since).length

/** The first moment, not before `now`, at which one more fits under every limit. */
function freeAt(at: number[], limits: readonly Limit[], now: number): number {
  return limits.reduce((latest, { count, window }) => {
    const decisive = at.at(-count)
    return decisive === undefined ? latest : Math.max(latest, decisive + window)
  }, now)
}
