import Bowser from 'bowser'

export interface UserAgent {
  /** "Chrome on Windows" */
  label: string
  /** the family: Chrome | Safari | Firefox | Edge | … | '' */
  browser: string
  /** Windows | Mac | iPhone | iPad | Android | Linux | Chrome OS | … | '' */
  platform: string
  /** inside another app, where passkeys often do not work */
  inApp: boolean
}

const longest = 512
const remembered = 256
const cache = new Map<string, UserAgent>()

/** Words of the web views of apps; a bare iOS web view is known by the missing "Safari/". */
const inAppPattern =
  /\bFB(?:AN|AV|_IAB)|Instagram|\bLine\/|MicroMessenger|LinkedInApp|Snapchat|Pinterest\/|TwitterAndroid|Twitter for|musical_ly|BytedanceWebview|TikTok|\bGSA\/|; ?wv\)|\b(?:iPhone|iPad)\b(?!.*Safari\/)/

/**
 * Names browser and platform, for people to recognise and to tell that a cookie turned up elsewhere. Anybody can claim to
 * be any of them: a difference may take trust away, sameness never gives any.
 */
export function describeUserAgent(userAgent: string): UserAgent {
  const text = userAgent.slice(0, longest)
  const cached = cache.get(text)
  if (cached) return cached
  const described = describe(text)
  const oldest = cache.keys().next()
  if (cache.size >= remembered && !oldest.done) cache.delete(oldest.value)
  cache.set(text, described)
  return described
}

/** What calls itself anything else is unknown: its own words would stand in mails that we sign. */
const browsers = new Set<string>(Object.values(Bowser.BROWSER_MAP))
const platforms = new Set<string>(Object.values(Bowser.OS_MAP))
const known = (names: Set<string>, name: string | undefined): string => (name !== undefined && names.has(name) ? name : '')

function describe(text: string): UserAgent {
  const { browser, os } = Bowser.parse(text || 'unknown')
  const browserName = known(browsers, browser.name).replace(/^Microsoft | for Android$/g, '')
  const platformName = platformNameOf(text, known(platforms, os.name))
  return {
    label: [browserName, platformName].filter(Boolean).join(' on ') || 'Unknown browser',
    browser: browserName,
    platform: platformName,
    inApp: inAppPattern.test(text),
  }
}

function platformNameOf(text: string, osName: string): string {
  if (osName === 'iOS') return text.includes('iPad') ? 'iPad' : 'iPhone'
  return osName === 'macOS' ? 'Mac' : osName
}

/** A phone or tablet: the device whose passkeys others reach by a QR code. `platform`: as above. */
export const isPhone = (platform: string): boolean => platform === 'iPhone' || platform === 'iPad' || platform === 'Android'
