import { type Browser, type BrowserContext, type BrowserContextOptions, type CDPSession, chromium, type Page } from 'playwright-core'
import { chromiumPath } from './chromium-path.ts'
import { createVirtualAuthenticator, type VirtualAuthenticator, type VirtualAuthenticatorOptions } from './virtual-authenticator.ts'

/** One tab with an authenticator of its own: a virtual authenticator belongs to a tab, not to the browser. */
export interface Tab {
  page: Page
  context: BrowserContext
  devtools: CDPSession
  authenticator: VirtualAuthenticator
  /** false: the person has switched JavaScript off */
  script: boolean
  /** what the page's script reported: uncaught errors, console errors, and what the CSP refused */
  complaints: string[]
}

export interface TabOptions {
  authenticator?: VirtualAuthenticatorOptions
  context?: BrowserContextOptions
  /** it tells by itself when there is no passkey here; Chromium gives that half a second, which is little on a busy machine */
  immediate?: boolean
}

/** One Chromium for a test file. */
export interface Chromium {
  /** a fresh profile (cookies, cache) with one tab */
  open(options?: TabOptions): Promise<Tab>
  /** another tab of the same profile, with a copy of the passkeys */
  openBeside(tab: Tab, options?: TabOptions): Promise<Tab>
  close(): Promise<void>
}

/** A phone as most people hold it. */
export const phone: BrowserContextOptions = { viewport: { width: 360, height: 800 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }
/** The narrowest screen that must work (WCAG 1.4.10). */
export const narrow: BrowserContextOptions = { viewport: { width: 320, height: 568 } }

/**
 * The browser's own popups are pages too, which every window loads ahead of need: that is most of what a window costs.
 * The list takes the place of Playwright's, of which this is what matters here.
 */
const without = [
  'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'PreloadTopChromeWebUI',
  'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'LensOverlay', 'MediaRouter',
  'PaintHolding', 'ThirdPartyStoragePartitioning', 'AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'PreconnectToSearch',
]
const flags = [`--disable-features=${without.join()}`, '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** ms: how long a page may take on a busy machine; a test as a whole has little more */
const patience = 90_000

/** @param options.args more of the browser's own command line */
export async function startChromium({ args = [] }: { args?: string[] } = {}): Promise<Chromium> {
  const executablePath = chromiumPath()
  if (!executablePath) throw new Error('there is no Chromium on PATH')
  const isRoot = process.getuid?.() === 0
  const browser: Browser = await chromium.launch({ executablePath, args: [...flags, ...args, ...(isRoot ? ['--no-sandbox'] : [])] })

  async function openIn(context: BrowserContext, script: boolean, { authenticator, immediate = false }: TabOptions): Promise<Tab> {
    const page = await context.newPage()
    if (!immediate) await page.addInitScript(withoutImmediate)
    page.setDefaultTimeout(patience)
    const devtools = await context.newCDPSession(page)
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    return { page, context, devtools, script, complaints, authenticator: await createVirtualAuthenticator(devtools, authenticator) }
  }

  return {
    open: async (options = {}) =>
      openIn(await browser.newContext({ locale: 'en-GB', ...options.context }), options.context?.javaScriptEnabled !== false, options),
    async openBeside(tab, options = {}) {
      const beside = await openIn(tab.context, tab.script, options)
      await beside.authenticator.copyFrom(tab.authenticator)
      return beside
    },
    close: () => browser.close(),
  }
}

/** As most browsers are. */
const withoutImmediate = () => {
  const real = globalThis.PublicKeyCredential?.getClientCapabilities?.bind(PublicKeyCredential)
  if (real) PublicKeyCredential.getClientCapabilities = async () => ({ ...(await real()), immediateGet: false })
}

/** The page's script is there and knows what the browser can: what is pressed sooner counts as pressed without one. */
export async function scriptIsThere({ page, script }: Tab): Promise<void> {
  await page.waitForLoadState('load')
  if (!script) return
  await page.waitForFunction(() => [...document.querySelectorAll<HTMLInputElement>('input[name="capabilities"]')].every(({ value }) => value.includes('platform')))
}
