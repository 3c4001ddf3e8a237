import axe from 'axe-core'
import type { Tab } from './chromium.ts'

/** What axe-core calls serious or critical on the page as it is now: `rule: element` each. */
export async function seriousViolations({ page, devtools }: Tab): Promise<string[]> {
  // by the protocol, because the page's CSP admits no script of ours
  await devtools.send('Runtime.evaluate', { expression: axe.source })
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

/** Cumulative layout shift since the page began, what follows a press left out. */
export function layoutShift({ page }: Tab): Promise<number> {
  return page.evaluate(async () => {
    await document.fonts.ready
    await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const { promise, resolve } = Promise.withResolvers<number>()
    const observer = new PerformanceObserver(list => resolve(sum(list.getEntries())))
    observer.observe({ type: 'layout-shift', buffered: true })
    // without a single shift the observer is never called
    requestAnimationFrame(() => resolve(sum(observer.takeRecords())))
    return promise

    function sum(entries: PerformanceEntryList): number {
      const shifts = entries as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]
      return shifts.filter(({ hadRecentInput }) => !hadRecentInput).reduce((total, { value }) => total + value, 0)
    }
  })
}

/** How many pixels of the page lie beyond the right edge: 0 is right. */
export function sidewaysScroll({ page }: Tab): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}

export interface Traffic {
  /** over the wire: headers and compressed bodies */
  bytes: number
  urls: string[]
}

/** Counts what the tab loads until the network has been silent for half a second. */
export async function trafficOf({ page, devtools }: Tab, go: () => Promise<unknown>): Promise<Traffic> {
  const traffic: Traffic = { bytes: 0, urls: [] }
  const onRequest = ({ request }: { request: { url: string } }) => void (request.url.startsWith('data:') || traffic.urls.push(request.url))
  const onEnd = ({ encodedDataLength }: { encodedDataLength: number }) => void (traffic.bytes += encodedDataLength)
  await devtools.send('Network.enable')
  devtools.on('Network.requestWillBeSent', onRequest)
  devtools.on('Network.loadingFinished', onEnd)
  await go()
  await page.waitForLoadState('networkidle')
  devtools.off('Network.requestWillBeSent', onRequest)
  devtools.off('Network.loadingFinished', onEnd)
  return traffic
}
