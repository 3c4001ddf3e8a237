import type { RememberBox } from '../../views/parts/remember.ts'
import type { Flow } from './flow.ts'
import { signInKinds } from './ways.ts'

type Body = Record<string, string>

/** Whether this device keeps what was typed and, where people are asked, the sign-in: as the box on the first screens says. */
export const boxOf = (_flow: Flow, { remember }: Body): { remember: boolean } => ({ remember: remember === '1' })

/** The same from a form beside the box, into which script has copied it; without that it stays as it is. */
export const boxBeside = (flow: Flow, body: Body): { remember?: boolean } => (body.remember === undefined ? {} : boxOf(flow, body))

/** What the page shows: as it was on the page that was sent, else as it was ticked before. */
export function boxShown(flow: Flow, typed: Body): { remember: RememberBox } {
  const checked = typed.identifier === undefined ? flow.state.remember === true : boxOf(flow, typed).remember
  return { remember: { checked, staysSignedIn: flow.deps.config.sessions.keepSignedIn === 'ask', kinds: signInKinds(flow) } }
}
