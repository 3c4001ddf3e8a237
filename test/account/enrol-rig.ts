/** What a person does with a help link. */
import { createAuthenticator } from '../helpers/authenticator.ts'
import type { HttpBrowser, Page } from '../helpers/http-browser.ts'
import type { Rig } from './rig.ts'

type Authenticator = ReturnType<typeof createAuthenticator>

export async function press(browser: HttpBrowser, link: string): Promise<Page> {
  const page = await browser.open(link)
  return browser.submit(page, openForm(page, link))
}

/** Hidden from whoever has no script: a passkey could not be made there. */
export function openForm(page: Page, link: string) {
  const form = page.forms.find(({ action, buttons }) => link.endsWith(action) && buttons[0]?.text === 'Continue')
  if (!form) throw new Error(`no press at ${page.heading}`)
  return form
}

export function responseTo({ server }: Rig, page: Page, authenticator: Authenticator, overrides = {}): string {
  const { data } = page.passkeyForm('create')
  return JSON.stringify(authenticator.create(JSON.parse(data['options'] ?? ''), { origin: server.issuer, ...overrides }))
}

export async function create(rig: Rig, browser: HttpBrowser, page: Page, authenticator: Authenticator, overrides = {}): Promise<Page> {
  return browser.submit(page, page.passkeyForm('create'), { values: { response: responseTo(rig, page, authenticator, overrides) } })
}

export const passkeysOf = (rig: Rig, accountId: string) => rig.server.foundation.storage.passkeys.listByAccount(accountId)
