import { rememberLocale } from '../http/locale.ts'
import type { Flow } from './flow.ts'
import { screens } from './screens.ts'

/** Another language, on the same step, with what was typed; nothing of it reaches an address. */
export async function language(flow: Flow, body: Record<string, string>): Promise<void> {
  rememberLocale(flow.ctx, flow.deps.config, body.locale ?? '')
  await screens.find((screen) => screen.step === flow.plan.due)?.show(flow, body)
}
