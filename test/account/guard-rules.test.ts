/** What the operator's rules learn of an account whose changes they judge, and what their word leads to. */
import test, { type ExecutionContext } from 'ava'
import type { Rule } from '../../src/policy/rules.ts'
import { type Acr, rankOf } from '../../src/policy/types.ts'
import { day, start, type Rig } from './rig.ts'

const addEmail = '/account/identifier-add/email'
const levels: Acr[] = ['urn:latchkey:acr:recovery', 'urn:latchkey:acr:1fa', 'urn:latchkey:acr:mfa', 'phr']
const rule = (then: 'deny' | 'challenge', more: Partial<Rule>): Rule =>
  ({ name: 'about addresses', because: 'a test', on: ['change'], when: { all: [] }, then: [then], ...more })

async function withRules(t: ExecutionContext): Promise<{ rig: Rig; obey(rule: Rule): void }> {
  const rules: Rule[] = []
  const rig = await start(t, { rules })
  return { rig, obey: (one) => void rules.splice(0, 1, one) }
}

/** Just signed in, in a browser that is known, so that one kind of proof is enough; with ways that reach so far. */
async function known(rig: Rig, reach: Acr) {
  const owner = await rig.newOwner({ passkey: reach === 'phr' })
  if (reach === 'urn:latchkey:acr:mfa') {
    await rig.server.foundation.storage.accounts.update(owner.accountId, (account) => ({ ...account, factors: { totp: { since: account.createdAt } } }))
  }
  rig.server.advance(2 * day)
  const page = await rig.arrive(owner)
  if (reach === 'phr') await owner.usePasskey(page)
  else await owner.typeCode(await owner.typeEmail(page))
  return owner
}

test('a rule that asks for a passkey leads to what proves the highest level, one that takes a code as well does not', async (t) => {
  const { rig, obey } = await withRules(t)
  const owner = await known(rig, 'urn:latchkey:acr:mfa')
  /** what is said at the step-up */
  const asked = async (ask: NonNullable<Rule['ask']>) => {
    obey(rule('challenge', { ask }))
    rig.server.advance(2_000)
    const page = await owner.browser.open(addEmail)
    t.regex(page.url.pathname, /^\/interaction\//)
    return `${page.heading}: ${page.text}`
  }
  const byPasskey = await asked({ methods: ['passkey'] })
  t.is(byPasskey, await asked({ acr: 'phr' }))
  t.not(byPasskey, await asked({ methods: ['passkey', 'totp'] }))
})

for (const [who, reach] of [['a passkey', 'phr'], ['an address alone', 'urn:latchkey:acr:1fa'], ['an address and an app', 'urn:latchkey:acr:mfa']] as const) {
  test(`rules are told what the ways of the account can reach: ${who}`, async (t) => {
    const { rig, obey } = await withRules(t)
    const owner = await known(rig, reach)
    for (const level of levels) {
      obey(rule('deny', { when: { signal: 'account.reach', test: { atLeast: rankOf(level), below: rankOf(level) + 1 } } }))
      t.is((await owner.browser.open(addEmail)).heading, level === reach ? 'We cannot let this go on here' : 'Add an email', level)
    }
  })
}
