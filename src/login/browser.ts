import type { Here } from '../accounts/devices.ts'
import { describeUserAgent, isPhone as isPhonePlatform, readCapabilities } from '../passkeys/index.ts'
import type { Flow } from './flow.ts'
import type { Capabilities } from './state.ts'

export const userAgentOf = (flow: Pick<Flow, 'ctx'>) => describeUserAgent(flow.ctx.get('user-agent'))

/** A phone or tablet: the device whose passkeys others reach by a QR code. */
export const isPhone = (flow: Pick<Flow, 'ctx'>): boolean => isPhonePlatform(userAgentOf(flow).platform)

/** What this request tells about the browser that its device cookie came from. */
export function hereOf(flow: Pick<Flow, 'ctx'>): Here {
  const { browser, platform } = userAgentOf(flow)
  return { browser, platform, ...flow.ctx.state.place?.seenFrom }
}

const platforms: Record<string, 'windows' | 'ios' | 'mac' | 'android' | 'linux'> = {
  Windows: 'windows', iPhone: 'ios', iPad: 'ios', Mac: 'mac', Android: 'android', Linux: 'linux',
}

/** Where a screen lock is set up depends on the system. */
export function platformOf(flow: Flow): { platform?: 'windows' | 'ios' | 'mac' | 'android' | 'linux' } {
  const platform = platforms[userAgentOf(flow).platform]
  return platform ? { platform } : {}
}

/** Inside another app passkeys often do not work: the page says so instead of showing the button. */
export function insideOf(flow: Flow): { inApp?: 'ios' | 'android' } {
  const { inApp, platform } = userAgentOf(flow)
  return inApp ? { inApp: platform === 'Android' ? 'android' : 'ios' } : {}
}

/** What script found out about its browser, where it came along. */
export const heard = ({ capabilities }: Record<string, string>): { capabilities?: Capabilities } =>
  capabilities ? { capabilities: readCapabilities(capabilities) } : {}
