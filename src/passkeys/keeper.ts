import type { UserAgent } from './user-agent.ts'

/**
 * Who keeps a passkey that is made in this browser, as a rule: by the names that we ship. undefined: some password manager,
 * nobody can tell which. People may have another one, so that no sentence may be wrong for them.
 */
export function likelyKeeper({ browser, platform }: Pick<UserAgent, 'browser' | 'platform'>): string | undefined {
  switch (platform) {
    case 'iPhone':
    case 'iPad':
      return 'Apple Passwords'
    case 'Mac':
      return browser === 'Chrome' ? 'Google Password Manager' : browser === 'Edge' ? undefined : 'Apple Passwords'
    case 'Windows':
      return 'Windows Hello'
    case 'Android':
      return browser.startsWith('Samsung') ? 'Samsung Pass' : 'Google Password Manager'
    case 'Chrome OS':
      return 'Google Password Manager'
    default:
      return browser === 'Chrome' ? 'Google Password Manager' : undefined
  }
}
