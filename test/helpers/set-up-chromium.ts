import test from 'ava'
import { type Chromium, startChromium } from './chromium.ts'

/** The Chromium of a test file and the server that it looks at: handed over before the first test, ended after the last. */
export function setUpChromium<S extends { dispose(): Promise<void> }>(
  start: () => Promise<S>,
  handOver: (started: { server: S; chromium: Chromium }) => unknown,
): void {
  let starting: { server: Promise<S>; chromium: Promise<Chromium> } | undefined
  test.before(async () => {
    starting = { server: start(), chromium: startChromium() }
    const [server, chromium] = await Promise.all([starting.server, starting.chromium])
    await handOver({ server, chromium })
  })
  test.after.always(async () => {
    // Where one could not start, the other is ended all the same.
    await starting?.chromium.then((chromium) => chromium.close(), () => {})
    await starting?.server.then((server) => server.dispose(), () => {})
  })
}
