/** People, browsers and apps for random walks over HTTP, and what must hold of what they get. */
import { type App, type Authorization, createApp, type shop } from '../helpers/app.ts'
import { createAuthenticator, type SoftAuthenticator } from '../helpers/authenticator.ts'
import { createHttpBrowser, type HttpBrowser, type Page } from '../helpers/http-browser.ts'
import type { Form } from '../helpers/html.ts'
import type { Account } from '../../src/storage/types.ts'
import type { InProcess } from '../helpers/in-process.ts'
import fc from '../helpers/property.ts'

const names = ['maya', 'sam', 'mallory'] as const
type Name = (typeof names)[number]
/** the thief reads Maya's mail */
const crowd: { name: Name | 'thief'; mailbox: Name }[] = [...names.map((name) => ({ name, mailbox: name })), { name: 'thief', mailbox: 'maya' }]

/** A browser, what its person can do, and what was done in it: the most that it can have proven. */
interface Seat {
  name: Name | 'thief'
  mailbox: Name
  browser: HttpBrowser
  authenticator: SoftAuthenticator
  /** pages that were seen, newest last: any of them can be pressed again */
  pages: Page[]
  /** by account address: when a right code was typed, or the passkey touched (ms by the store's clock) */
  proven: Map<string, { code?: number; passkey?: number }>
}

/** `pick` chooses among what is there. */
export type Move =
  | { kind: 'authorize'; seat: number; ask: number; app: number }
  | { kind: 'press'; seat: number; back: number; pick: number; who: number; code: 'right' | 'old' | 'wrong' }
  | { kind: 'passkey' | 'create'; seat: number; back: number }
  | { kind: 'link'; seat: number; back: number; pick: number }
  /** what the newest page is for: so that walks get far */
  | { kind: 'go_on'; seat: number; pick: number; times: number }
  /** a link of the newest notices: "this was not me" */
  | { kind: 'disown'; seat: number; pick: number }
  | { kind: 'wait'; minutes: number }
  | { kind: 'restart' }

const seat = fc.constantFrom(0, 0, 1, 1, 2, 2, 2, 3)
/** how many pages back: the newest one mostly */
const back = fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 5)
const pick = fc.nat(30)
export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('authorize' as const), seat, ask: pick, app: pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('press' as const), seat, back, pick, who: fc.nat(3), code: fc.constantFrom('right' as const, 'right' as const, 'right' as const, 'old' as const, 'wrong' as const) }) },
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('go_on' as const), seat, pick, times: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('passkey' as const, 'passkey' as const, 'create' as const), seat, back }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('link' as const), seat, back, pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('disown' as const), seat, pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(1, 4, 6, 40, 26 * 60) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

const essential = (...values: string[]) => ({ claims: JSON.stringify({ id_token: { acr: { essential: true, values } } }) })
const asks: Record<string, string>[] = [{}, {}, { prompt: 'login' }, { prompt: 'create' }, { prompt: 'none' }, { acr_values: 'phr' }, { acr_values: 'urn:latchkey:acr:mfa' }, essential('phr'), { max_age: '0' }, { max_age: '60' }]
const capabilities = JSON.stringify({ webauthn: true, platform: true, conditionalGet: true })

/** What walks came to, over all worlds: a walk that nothing happens in shows nothing. */
export const createTally = () => ({ tokens: 0, 'a passkey level': 0, 'a refusal': 0, 'a new passkey': 0, 'a stale page': 0, 'a freeze': 0 })

/** `generation`: its people are other people than those of other worlds on the same server. */
export async function createWorld(server: InProcess, clients: (typeof shop)[], generation: number, reached: ReturnType<typeof createTally>) {
  const { storage } = server.foundation
  const emailOf = (name: string) => `${name}.${generation}@example.com`
  const apps = await Promise.all(clients.map((client) => createApp(server.issuer, client)))
  const waiting = new Map<string, { authorization: Authorization; app: App }>()
  const owners = new Map<string, Name>()
  const seats: Seat[] = crowd.map(({ name, mailbox }) => ({
    name,
    mailbox,
    browser: createHttpBrowser({ origin: server.issuer }),
    authenticator: createAuthenticator(),
    pages: [],
    proven: new Map(),
  }))
  let steps: string[] = []
  let wrong: string | undefined
  const accounts = new Map<string, Account>()
  const seen = new Set<string>()

  const mails = async (name: Name) => (await server.app.outbox.listForDevelopment()).filter(({ to }) => to === emailOf(name))
  /** newest first */
  const codesOf = async (name: Name) => (await mails(name)).flatMap(({ text }) => /^\s*(\d{6,8})\s*$/m.exec(text)?.[1] ?? [])
  const proof = (of: Seat, name: string) => of.proven.get(name) ?? of.proven.set(name, {}).get(name)!
  const now = () => storage.clock.now()

  async function see(at: Seat, page: Page): Promise<void> {
    await checkPasskeys()
    if (page.elsewhere) return arriveAtApp(at, page)
    if (page.status >= 500) wrong = `${page.url.pathname} answered ${page.status}: ${page.heading}`
    if (page.status === 400 || page.status === 409) reached['a stale page']++
    at.pages = [...at.pages, page].slice(-8)
  }

  async function arriveAtApp(at: Seat, { url }: Page): Promise<void> {
    at.pages = at.pages.slice(0, -1)
    const pending = waiting.get(url.searchParams.get('state') ?? '')
    if (url.searchParams.has('error')) reached['a refusal']++
    if (!pending || !url.searchParams.has('code')) return
    const tokens = await pending.authorization.finish(url)
    const { acr = '', sub = '' } = tokens.claims() as { acr?: string; sub?: string }
    const email = (await storage.accounts.get(sub))?.identifiers[0]?.value ?? ''
    reached.tokens++
    if (acr === 'phr') reached['a passkey level']++
    owners.set(sub, email.split('.')[0] as Name)
    const { code, passkey } = at.proven.get(email) ?? {}
    if (code === undefined && passkey === undefined) wrong = `${at.name} got tokens of ${email} without any proof`
    // nobody here has a second kind of anything
    if (['phr', 'urn:latchkey:acr:mfa'].includes(acr) && passkey === undefined) wrong = `${at.name} got ${acr} for ${email} without its passkey`
    if (acr === 'phrh') wrong = `${acr} out of nothing`
  }

  const stale = (of: Seat, back: number): Page | undefined => of.pages.at(-1 - Math.min(back, of.pages.length - 1))

  async function press(at: Seat, page: Page, form: Form, chosen: number, who: number, code: 'right' | 'old' | 'wrong'): Promise<void> {
    const button = form.buttons[chosen % Math.max(1, form.buttons.length)]
    const target = who === 3 ? at.mailbox : (names[who] ?? at.mailbox)
    const values: Record<string, string> = { capabilities }
    if ('identifier' in form.values) values['identifier'] = emailOf(target)
    if ('code' in form.values) {
      const mine = await codesOf(at.mailbox)
      values['code'] = (code === 'right' ? mine[0] : code === 'old' ? mine[1] : undefined) ?? 'wrong!'
      if (code !== 'wrong' && mine.length > 0) proof(at, emailOf(at.mailbox)).code = now()
    }
    const label = button?.text ?? ''
    steps.push(`${at.name}: "${label}" of ${form.action.replace(/\/interaction\/[^/]+/, '…')} ${values['identifier'] ?? ''}${'code' in values ? `${code} code` : ''}`)
    await see(at, await at.browser.submit(page, form, { values, ...(label && { button: label }) }))
  }

  async function touch(at: Seat, page: Page, ceremony: 'get' | 'create'): Promise<void> {
    const form = page.forms.find(({ data }) => data['passkey'] === ceremony)
    if (!form) return
    steps.push(`${at.name}: passkey ${ceremony} on ${page.heading}`)
    const values: Record<string, string> = { capabilities }
    try {
      const options = JSON.parse(form.data['options'] ?? '') as never
      const response = ceremony === 'get' ? at.authenticator.get(options, { origin: server.issuer }) : at.authenticator.create(options, { origin: server.issuer })
      values['response'] = JSON.stringify(response)
      // whoever touches a passkey proves its account, if the server agrees; one that is made proves the account it is made in, if that is new
      const holder = ceremony === 'get' ? await holderOf(response.id) : undefined
      if (holder !== undefined) proof(at, holder).passkey = now()
    } catch {
      values['error'] = 'NotAllowedError'
    }
    await see(at, await at.browser.submit(page, form, { values }))
  }

  /** As somebody does who wants to get on. */
  async function goOn(at: Seat, page: Page, chosen: number): Promise<void> {
    const passkey = page.forms.find(({ data }) => data['passkey'] !== undefined)?.data['passkey'] as 'get' | 'create' | undefined
    if (passkey === 'create' && chosen % 4 !== 0) return touch(at, page, passkey)
    if (passkey === 'get' && at.authenticator.credentials.length > 0 && chosen % 3 === 0) return touch(at, page, passkey)
    const forms = page.forms.filter(({ hidden, action }) => !hidden && action.startsWith('/interaction/') && !action.endsWith('/abort'))
    const form = forms.find(({ values }) => 'code' in values || 'identifier' in values) ?? forms[chosen % Math.max(1, forms.length)]
    if (form) await press(at, page, form, 0, 3, 'right')
  }

  /** Whoever reads the mail may press. */
  async function disown(at: Seat, chosen: number): Promise<void> {
    const links = (await mails(at.mailbox)).flatMap(({ text }) => /\/account\/not-me\/\S+$/m.exec(text)?.[0] ?? [])
    const link = links[chosen % Math.max(1, links.length)]
    if (link === undefined) return
    const page = await at.browser.open(link)
    const form = page.forms.find(({ buttons }) => buttons.some(({ text }) => text === 'No, stop it'))
    steps.push(`${at.name}: "this was not me" (${page.heading})`)
    if (form) await at.browser.submit(page, form, { button: 'No, stop it' })
    await checkPasskeys()
  }

  async function holderOf(credentialId: string): Promise<string | undefined> {
    const passkey = await storage.passkeys.get(credentialId)
    return passkey && (await storage.accounts.get(passkey.accountId))?.identifiers[0]?.value
  }

  /** Every passkey was made by its owner's own device, by the right of a proof that is fresh, or of a recovery that has waited. */
  async function checkPasskeys(): Promise<void> {
    for (const name of names) {
      const account = await accountOf(name)
      if (!account) continue
      const before = accounts.get(name)
      accounts.set(name, account)
      if (account.frozen && !before?.frozen) reached['a freeze']++
      for (const id of account.credentialIds.filter((id) => !before?.credentialIds.includes(id))) await checkAdded(name, id, before)
    }
  }

  async function checkAdded(name: Name, id: string, before: Account | undefined): Promise<void> {
    const passkey = await storage.passkeys.get(id)
    const maker = seats.find((one) => one.authenticator.credentials.some((credential) => credential.id === id))
    // decided: what was disowned came back
    if (!passkey || !maker || (before && passkey.createdAt < before.createdAt)) return void (wrong = `a passkey of ${name} from nowhere`)
    if (seen.has(id)) return
    seen.add(id)
    reached['a new passkey']++
    const { code, passkey: touched } = maker.proven.get(emailOf(name)) ?? {}
    const fresh = (at: number | undefined) => at !== undefined && now() - at <= 5 * 60_000
    const guarded = before !== undefined && (before.credentialIds.length > 0 || before.frozen !== undefined)
    const waited = before?.recovery !== undefined && before.recovery.readyAt <= now()
    if (maker.mailbox !== name) wrong = `${maker.name} made a passkey of ${name}`
    if (guarded && !fresh(touched) && !waited) wrong = `${maker.name} added a passkey to ${name}, who has one, without its proof`
    if (!guarded && !fresh(code)) wrong = `a passkey was added to ${name} without a proof`
    if (passkey.signUp) proof(maker, emailOf(name)).passkey ??= now()
  }

  async function accountOf(name: Name) {
    const identifier = await storage.identifiers.get(`email:${emailOf(name)}`)
    return identifier && storage.accounts.get(identifier.accountId)
  }

  return {
    history: () => steps,
    begin() {
      steps = []
    },
    end() {
      for (const { browser } of seats) browser.close()
    },
    async take(step: Move): Promise<void> {
      if (step.kind === 'restart') {
        steps.push('the server starts again')
        return server.restart()
      }
      if (step.kind === 'wait') {
        steps.push(`${step.minutes} minutes go by`)
        return server.advance(step.minutes * 60_000)
      }
      const at = seats[step.seat % seats.length]!
      if (step.kind === 'disown') return disown(at, step.pick)
      if (step.kind === 'authorize') {
        const app = apps[step.app % apps.length]!
        const parameters = asks[step.ask % asks.length]!
        const authorization = await app.authorize(parameters)
        waiting.set(authorization.url.searchParams.get('state') ?? '', { authorization, app })
        steps.push(`${at.name}: ${authorization.url.searchParams.get('client_id')} ${JSON.stringify(parameters)}`)
        return see(at, await at.browser.open(authorization.url))
      }
      if (step.kind === 'link') {
        // the address of somebody else's page
        const other = seats[step.pick % seats.length]!
        const theirs = stale(other, step.back)
        if (!theirs || other === at) return
        steps.push(`${at.name}: opens the address of ${other.name}'s ${theirs.heading}`)
        return see(at, await at.browser.open(theirs.url))
      }
      if (step.kind === 'go_on') {
        for (let times = 0; times < step.times; times++) {
          const newest = at.pages.at(-1)
          if (newest) await goOn(at, newest, step.pick + times)
        }
        return
      }
      const page = stale(at, step.back)
      if (!page) return
      if (step.kind !== 'press') return touch(at, page, step.kind === 'passkey' ? 'get' : 'create')
      const forms = page.forms.filter(({ hidden, action }) => !hidden && action !== '')
      const form = forms[step.pick % Math.max(1, forms.length)]
      if (form) await press(at, page, form, Math.floor(step.pick / Math.max(1, forms.length)), step.who, step.code)
    },
    async whatIsWrong(): Promise<string | undefined> {
      for (const [sub, name] of owners) {
        const account = await storage.accounts.get(sub)
        if (account && account.identifiers[0]?.value !== emailOf(name)) wrong = `${sub} changed hands`
      }
      return wrong
    },
  }
}
