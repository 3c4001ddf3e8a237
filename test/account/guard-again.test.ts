/** What waits for a code is judged again when the code is typed: the account may have been stopped meanwhile. */
import test, { type ExecutionContext } from 'ava'
import type { Rule } from '../../src/policy/rules.ts'
import type { InProcessOptions } from '../helpers/in-process.ts'
import type { Page } from '../helpers/http-browser.ts'
import type { Mail } from '../helpers/server.ts'
import { start, type Rig } from './rig.ts'

type Owner = Awaited<ReturnType<Rig['newOwner']>>

const ways = '/account/ways'
const numbers = { config: { identifiers: { email: { signIn: true, signUp: 'required' as const }, phone: { signIn: true, signUp: 'off' as const, defaultRegion: 'GB' } } } }
const [wrong, right] = ['+447911125011', '+447911125099']
const codeIn = ({ text }: Mail): string => /\b(\d{6,8})\b/.exec(text)?.[1] ?? ''
const valuesOf = async (rig: Rig, { accountId }: Owner) => (await rig.account(accountId)).identifiers.map(({ value }) => value)
const freeze = (rig: Rig, { accountId }: Owner) =>
  rig.server.foundation.storage.accounts.update(accountId, (account) => ({ ...account, frozen: { at: 1, since: 1, changeIds: ['x'] } }))
const thaw = (rig: Rig, { accountId }: Owner) =>
  rig.server.foundation.storage.accounts.update(accountId, ({ frozen: _, ...account }) => account)

/** An owner at the page of the code, which is for what they add, or for what they put in an unproven number's place. */
async function waiting(t: ExecutionContext, what: 'add' | 'correct', options: InProcessOptions = {}): Promise<{ rig: Rig; owner: Owner; type(): Promise<Page>; after: string[] }> {
  const rig = await start(t, { ...numbers, ...options })
  const owner = await withNumber(rig)
  const page = what === 'add'
    ? await owner.browser.open('/account/identifier-add/email')
    : await owner.browser.open((await owner.browser.open(ways)).links.find(({ text }) => text.startsWith('Correct a typo'))?.href ?? '')
  const value = what === 'add' ? 'second@example.com' : right
  const sent = await owner.browser.submit(page, page.forms.find(({ values }) => values['identifier'] !== undefined)!, { values: { identifier: value } })
  t.regex(sent.url.pathname, /identifier-confirm$/)
  const code = codeIn(await rig.server.mailTo(value))
  return {
    rig, owner, after: what === 'add' ? [owner.email, wrong, value] : [owner.email, value],
    type: () => owner.browser.submit(sent, '/identifier-confirm', { button: 'Continue', values: { code } }),
  }
}

/** Has a proven address, a passkey, and a number that was never proven. */
async function withNumber(rig: Rig): Promise<Owner> {
  const owner = await rig.newOwner()
  const { accounts, identifiers } = rig.server.foundation.storage
  await identifiers.insert({ id: `phone:${wrong}`, kind: 'phone', value: wrong, accountId: owner.accountId, state: 'active', createdAt: 1 })
  await accounts.update(owner.accountId, (account) => ({ ...account, identifiers: [...account.identifiers, { kind: 'phone', value: wrong }] }))
  return owner
}

for (const what of ['add', 'correct'] as const) {
  test(`${what}: an account whose changes were stopped meanwhile is not changed, and nobody is told that it was`, async (t) => {
    const { rig, owner, type, after } = await waiting(t, what)
    await freeze(rig, owner)
    const refused = await type()
    t.is(refused.status, 403)
    t.deepEqual(await valuesOf(rig, owner), [owner.email, wrong])
    t.deepEqual(await rig.changesOf(owner.accountId), [])
    t.deepEqual(await rig.subjects(owner.email), [])

    await thaw(rig, owner)
    await type()
    t.deepEqual(await valuesOf(rig, owner), after, 'the code was not spent by it')
  })

  test(`${what}: a rule of the operator that came meanwhile is obeyed`, async (t) => {
    const rules: Rule[] = []
    const { rig, owner, type } = await waiting(t, what, { rules })
    rules.push({ name: 'no changes', because: 'a test', on: ['change'], when: { all: [] }, then: ['deny'] })
    const refused = await type()
    t.is(refused.status, 403)
    t.is(refused.heading, 'We cannot let this go on here')
    t.deepEqual(await valuesOf(rig, owner), [owner.email, wrong])
  })

  test(`${what}: what nothing was against when it began is carried out, however long the message took`, async (t) => {
    const { rig, owner, type, after } = await waiting(t, what)
    rig.server.advance(7 * 60_000)
    await type()
    t.deepEqual(await valuesOf(rig, owner), after)
  })
}
