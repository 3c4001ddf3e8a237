import type { Flow } from './flow.ts'

/** Dialogs that ended without a passkey in this browser, whoever was asked; `at` (ms): the last of them. */
type Failures = { count: number; at: number }

/** ms; of a browser that nobody signed in with yet only for a while, or whoever throws cookies away would fill the store */
const kept = { known: 90 * 24 * 3_600_000, unknown: 2 * 3_600_000 }

type Scene = Pick<Flow, 'ctx' | 'deps' | 'devices' | 'now'>

const keyOf = ({ ctx }: Scene): string => `passkey failures:${ctx.state.device.hash}`

/** A passkey that worked here forgives all that failed before it. */
const lastSuccess = ({ devices }: Scene): number => Math.max(-Infinity, ...devices.map(({ lastPasskeyAt }) => lastPasskeyAt ?? -Infinity))

/** Since the last passkey that worked here. Of this browser alone: it says nothing of any account. */
export async function recentFailures(flow: Scene): Promise<number> {
  const failures = await flow.deps.storage.ephemeral.get<Failures>(keyOf(flow))
  return failures !== undefined && failures.at > lastSuccess(flow) ? failures.count : 0
}

/** One more. */
export async function noteFailedHere(flow: Scene): Promise<void> {
  const { deps, devices, now } = flow
  const since = lastSuccess(flow)
  const life = devices.length > 0 ? kept.known : kept.unknown
  await deps.storage.ephemeral.update<Failures, void>(keyOf(flow), (current) => {
    const count = current !== undefined && current.at > since ? current.count : 0
    return { next: { value: { count: count + 1, at: now }, expiresAt: now + life }, result: undefined }
  })
}
