import type { Flow } from './flow.ts'

type Body = Record<string, string>

const asked = ({ deps }: Flow): boolean => deps.config.sessions.keepSignedIn === 'ask'

/** Whether to stay signed in, as the box on the first screens says; nothing where the operator has decided for everybody. */
export const boxOf = (flow: Flow, { remember }: Body): { remember?: boolean } => (asked(flow) ? { remember: remember === '1' } : {})

/** The same from a form beside the box, into which script has copied it; without that it stays as it is. */
export const boxBeside = (flow: Flow, body: Body): { remember?: boolean } => (body.remember === undefined ? {} : boxOf(flow, body))

/** What the page shows: as it was on the page that was sent, else as it was ticked before. */
export function boxShown(flow: Flow, typed: Body): { remember?: boolean } {
  if (!asked(flow)) return {}
  return typed.identifier === undefined ? { remember: flow.state.remember === true } : boxOf(flow, typed)
}
