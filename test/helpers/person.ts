import type { Page } from 'playwright-core'
import { scriptIsThere, type Tab } from './chromium.ts'
import { codeLine, type Mail, type Server } from './server.ts'

/** Somebody in front of Chromium who goes through the demo app. Every step waits for the screen that it leads to. */
export interface Person {
  email: string
  page: Page
  /** the demo app's "Sign in": the first screen of the login */
  goToSignIn(): Promise<void>
  /** from the first screen through address and code to the offer of a passkey */
  signUp(): Promise<void>
  /** the address and Continue */
  continueWithEmail(): Promise<void>
  /** address, Continue, code, in a browser that knows nobody */
  signInByCode(): Promise<void>
  typeCode(): Promise<void>
  /** mails that have come so far count as read */
  ignoreMail(): Promise<void>
  /** takes the offer, up to the demo app */
  createPasskey(): Promise<void>
  signOut(): Promise<void>
  isAt(heading: string | RegExp): Promise<void>
  press(name: string | RegExp): Promise<void>
}

let count = 0

export function createPerson(server: Server, tab: Tab, email = `person${++count}@example.com`): Person {
  const { page } = tab
  const read: Mail[] = []
  const button = (name: string | RegExp) => page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) })
  const isAt = async (heading: string | RegExp) => {
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
    await scriptIsThere(tab)
  }
  const press = async (name: string | RegExp) => {
    await button(name).waitFor()
    await scriptIsThere(tab)
    await button(name).click()
  }

  const person: Person = {
    email,
    page,
    isAt,
    press,
    async goToSignIn() {
      await page.goto(`${server.issuer}/demo`)
      await page.getByRole('link', { name: 'Sign in', exact: true }).click()
    },
    async signUp() {
      await press('Create an account')
      await isAt('Create your account')
      await page.getByLabel('Email').fill(email)
      await press('Continue')
      await isAt('Confirm your email')
      await person.typeCode()
    },
    async continueWithEmail() {
      await page.getByLabel('Email').fill(email)
      await press('Continue')
    },
    async signInByCode() {
      await person.continueWithEmail()
      await isAt('Check your email')
      await person.typeCode()
    },
    async typeCode() {
      const mail = await server.mailTo(email, read, codeLine)
      read.push(mail)
      const code = codeLine.exec(mail.text)?.[1] ?? ''
      // by hand: a code that is pasted whole is sent by itself
      await page.getByLabel('Code').pressSequentially(code)
      await page.keyboard.press('Enter')
    },
    async ignoreMail() {
      read.push(...(await server.outbox()))
    },
    async createPasskey() {
      await isAt('Sign in faster next time')
      await press('Create a passkey')
      await isAt('Your passkey is ready')
      await press(/^Continue to /)
      await isAt('You are signed in')
    },
    async signOut() {
      await press('Sign out')
      await isAt(/^Sign out of /)
      await press('Sign out')
      await page.getByText('You are signed out of the demo app.').waitFor()
    },
  }
  return person
}
