/** The form of the sign-up: what may be left out, and what is said of what cannot be taken. */
import test from 'ava'
import { createNewcomer } from './newcomer.ts'
import { email, names, phone, start, username } from './sign-up-rig.ts'

test('where no field has to be filled in, one is enough: said before, and no field is wrong when all are empty', async (t) => {
  const optional = (kind: object) => ({ ...kind, signUp: 'optional' })
  const { server, app } = await start(t, 'at_sign_up', { email: optional(email), phone: optional(phone), username: optional(username) })
  const newcomer = createNewcomer(server)
  const page = await newcomer.fill(await app.authorize(), { email: '', phone: '', username: '' })
  t.is(page.status, 400)
  t.true(page.text.includes('One of these is enough.'))
  t.true(page.text.includes('Fill in one of the fields. One is enough.'))
  t.false(page.html.includes('aria-invalid'))
  t.notRegex(page.text, /optional/)
  const who = names()
  const next = await newcomer.browser.submit(page, '/sign-up', { values: { email: who.email, phone: '', username: '' } })
  t.is(next.heading, 'Confirm your email')
})

test('a name with signs that names do not have: what they may have is told, where that is known', async (t) => {
  const said = async (more: object) => {
    const { server, app } = await start(t, 'at_sign_up', { email, phone: { signIn: false, signUp: 'off' }, username: { ...username, ...more } })
    return (await createNewcomer(server).fill(await app.authorize(), { email: names().email, username: 'ada lovelace' })).text
  }
  t.regex(await said({}), /Use a to z, digits, and \. - _ between them\./)
  t.regex(await said({ pattern: '[a-z]{3,8}' }), /This name is too short or too long/)
})
