import test from 'ava'
import { type App, createApp, shop } from './app.ts'
import type { Server } from './server.ts'

/** The server of a test file and the shop at it: handed over before the first test, ended after the last. */
export function setUp<S extends Server>(start: () => Promise<S>, handOver: (started: { server: S; app: App }) => unknown): void {
  let server: S | undefined
  test.before(async () => {
    server = await start()
    await handOver({ server, app: await createApp(server.issuer, shop) })
  })
  test.after.always(() => server?.dispose())
}
