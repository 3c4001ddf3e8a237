/** What every refusal owes to the person, to the operator, and to the account: shared by all tests of this folder. */
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { ErrorCode } from '../../src/errors.ts'
import type { App } from '../helpers/app.ts'
import type { Form } from '../helpers/html.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Server } from '../helpers/server.ts'
import type { Visitor } from '../helpers/visitor.ts'

export interface Refusal {
  server: Pick<Server, 'issuer' | 'logLineWith'>
  visitor: Visitor
  page: Page
  status: number
  /** the heading of an error page; the words of the problem on a screen that stays */
  sentence: string | RegExp
  /** the text of the link or button that leads on; `url`: a link to a registered address of the app, which is not asked */
  nextStep: string | RegExp | { text: string; url: string }
  /** a page of its own, with a reference whose log line names this code */
  error?: ErrorCode
}

/** Status, sentence, next step, and the reference in the log. */
export async function refused(t: ExecutionContext, { server, visitor, page, status, sentence, nextStep, error }: Refusal): Promise<void> {
  t.is(page.status, status, page.text)
  if (status >= 400) t.regex(page.title, /^Error: /)
  const said = error || status < 400 ? `${page.heading}\n${page.text}` : page.alerts.join('\n')
  t.true(matches(sentence, error ? page.heading : said), `"${sentence}" is not in: ${said}`)
  t.notRegex(page.text, /undefined|\[object|error\.\w+\./)
  await leadsOn(t, visitor, page, nextStep)
  if (!error) return
  const reference = /Reference ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(page.text)?.[1] ?? ''
  t.truthy(reference, 'the page shows a reference')
  const line = await server.logLineWith(`"reference":"${reference}"`)
  t.is((JSON.parse(line) as Record<string, unknown>)['error'], error, 'the log line with that reference says what happened')
}

async function leadsOn(t: ExecutionContext, visitor: Visitor, page: Page, nextStep: Refusal['nextStep']): Promise<void> {
  const text = typeof nextStep === 'object' && 'url' in nextStep ? nextStep.text : nextStep
  const link = page.links.find(found => matches(text, found.text))
  const button = page.forms.flatMap(({ buttons }) => buttons).find(found => matches(text, found.text))
  t.truthy(link ?? button, `no "${text}" on the page: ${[...page.links, ...page.forms.flatMap(({ buttons }) => buttons)].map(found => found.text).join(' | ')}`)
  if (!link) return
  if (typeof nextStep === 'object' && 'url' in nextStep) return void t.is(link.href, nextStep.url)
  const target = await visitor.browser.open(new URL(link.href, page.url))
  t.is(target.status, 200, `the link leads to: ${target.text}`)
}

const matches = (wanted: string | RegExp, text: string) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))

/** Runs `act` and asserts that it left no account, passkey, device, session, grant, token or proof behind, and changed none. */
export async function nothingMade<T>(t: ExecutionContext, server: Pick<Server, 'folder'>, act: () => Promise<T>): Promise<T> {
  const before = whatThereIs(server)
  const result = await act()
  t.deepEqual(whatThereIs(server), before, 'something was made')
  return result
}

/** Everything that lets somebody in or says who they are, as the store has it. */
export function whatThereIs({ folder }: Pick<Server, 'folder'>): Record<string, string[]> {
  const database = new DatabaseSync(join(folder, 'data/latchkey.db'), { readOnly: true })
  const rows = (sql: string) => database.prepare(sql).all().map(row => JSON.stringify(row))
  try {
    return {
      accounts: rows('select document from accounts order by id'),
      identifiers: rows('select document from identifiers order by id'),
      passkeys: rows('select document from passkeys order by id'),
      devices: rows('select document from devices order by id'),
      sessions: rows(`select key, payload ->> '$.accountId' as account, payload ->> '$.proofs' as proofs from artifacts
        where model = 'Session' and payload ->> '$.accountId' is not null order by key`),
      granted: rows(`select model, key from artifacts where model not in ('Session', 'Interaction') order by key`),
      results: rows(`select key, payload ->> '$.result' as result from artifacts
        where model = 'Interaction' and payload ->> '$.result' is not null order by key`),
      proofs: rows(`select key, value ->> '$.proofs' as proofs, value ->> '$.unownedProof' as mailbox, value ->> '$.other' as other,
          value ->> '$.accountId' as account, value ->> '$.created' as created from ephemeral
        where key like 'login:%' and (value ->> '$.proofs' <> '[]' or value ->> '$.unownedProof' is not null or value ->> '$.other' is not null)
        order by key`),
    }
  } finally {
    database.close()
  }
}

/** A new authorization request with this browser asks to sign in: there is no session. */
export async function stillAsks(t: ExecutionContext, visitor: Visitor, app: App): Promise<void> {
  const page = await visitor.arrive(await app.authorize())
  t.is(page.heading, 'Sign in', 'nobody is signed in here')
  const silent = await visitor.arrive(await app.authorize({ prompt: 'none' }))
  t.is(silent.url.searchParams.get('error'), 'login_required')
}

/** Signs somebody up with a passkey, up to the app; the subject that the app got. */
export async function signUpWithPasskey(visitor: Visitor, app: App): Promise<string> {
  const authorization = await app.authorize()
  const done = await visitor.createPasskey(await visitor.signUp(await visitor.arrive(authorization)))
  const landing = await visitor.browser.submit(done, '/passkey-create', { button: 'Continue to Example Shop' })
  return (await authorization.finish(landing.url)).claims()?.sub ?? ''
}

/** The same without a passkey. */
export async function signUpByCode(visitor: Visitor, app: App): Promise<string> {
  const authorization = await app.authorize()
  const offer = await visitor.signUp(await visitor.arrive(authorization))
  const landing = await visitor.browser.submit(offer, '/passkey-create', { button: 'Not now' })
  return (await authorization.finish(landing.url)).claims()?.sub ?? ''
}

/** `/interaction/<uid>` of a login page */
export const baseOf = (page: Page): string => /^\/interaction\/[^/]+/.exec(page.url.pathname)?.[0] ?? ''

/** The form token of a page. */
export const csrfOf = (page: Page): string => page.forms.find(({ values }) => values['csrf'])?.values['csrf'] ?? ''

/** A POST as a form sends it, to a screen that the page at hand may have no form for. */
export function postTo(visitor: Visitor, page: Page, path: string, values: Record<string, string> = {}, headers: Record<string, string | undefined> = {}): Promise<Page> {
  const form: Form = { action: `${baseOf(page)}${path}`, method: 'post', values: { csrf: csrfOf(page), ...values }, buttons: [], hidden: false, data: {} }
  return visitor.browser.submit(page, form, { headers })
}
