import { rememberLocale } from '../http/locale.ts'
import { urlOf, type Flow } from './flow.ts'
import { screens } from './screens.ts'

/** Another language, on the same screen, with what was typed; nothing of it reaches an address. */
export async function language(flow: Flow, body: Record<string, string>): Promise<void> {
  rememberLocale(flow.ctx, flow.deps.config, body.locale ?? '')
  const step = flow.plan.open.find((open) => urlOf(flow, open) === body.path) ?? flow.plan.due
  await screens.find((screen) => screen.step === step)?.show(flow, body)
}
