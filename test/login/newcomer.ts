/** Somebody at the sign-up form, with whatever it asks for. */
import type { InProcess } from '../helpers/in-process.ts'
import type { App, Authorization, Tokens } from '../helpers/app.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Server } from '../helpers/server.ts'
import { createVisitor, type Visitor } from '../helpers/visitor.ts'

export interface Newcomer extends Visitor {
  /** "Create an account" and the form; `capabilities` false: a browser without passkeys */
  fill(authorization: Authorization, values: Record<string, string>, options?: { passkeys?: boolean }): Promise<Page>
  /** the newest code for an address or number that was not read yet */
  codeFor(to: string): Promise<string>
  /** types the code that went there */
  prove(page: Page, to: string): Promise<Page>
}

const able = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })
const unable = JSON.stringify({ webauthn: false, platform: false })

export function createNewcomer(server: Server | InProcess, options: Parameters<typeof createVisitor>[1] = {}): Newcomer {
  const visitor = createVisitor(server, options)
  const read: Awaited<ReturnType<Server['outbox']>> = []
  const newcomer: Newcomer = {
    ...visitor,
    async fill(authorization, values, { passkeys = true } = {}) {
      const form = await visitor.browser.submit(await visitor.arrive(authorization), '/identifier', { button: 'Create an account' })
      return visitor.browser.submit(form, '/sign-up', { values: { ...values, capabilities: passkeys ? able : unable } })
    },
    async codeFor(to) {
      const message = await server.mailTo(to, read)
      read.push(message)
      const code = /(?:^|\n)\s*(\d{6,8})\b/.exec(message.text)?.[1]
      if (!code) throw new Error(`no code in ${message.text}`)
      return code
    },
    async prove(page, to) {
      const path = new URL(page.url).pathname.endsWith('/sms-otp') ? '/sms-otp' : '/email-otp'
      return visitor.browser.submit(page, path, { button: 'Continue', values: { code: await newcomer.codeFor(to) } })
    },
  }
  return newcomer
}

/** From a page of the login to the app's tokens, without a passkey. */
export async function tokensAfter(newcomer: Newcomer, authorization: Authorization, page: Page): Promise<Tokens> {
  const landing = page.elsewhere ? page : await newcomer.browser.submit(page, '/passkey-create', { button: 'Not now' })
  return authorization.finish(landing.url)
}

export type { App }
