import { rememberLocale } from '../http/locale.ts'
import { sendPage } from '../http/reply.ts'
import { readableName } from '../passkeys/index.ts'
import { enrolmentWindow } from '../policy/enrolment.ts'
import { profilePage, type ProfileProps } from '../../views/account/profile.ts'
import { lookAround } from './guard.ts'
import { done, pageOf, traces, type AccountPage, type Visitor } from './session.ts'

const path = '/account/profile'
/** characters: more is no name, and apps cut it off */
const longestName = 100

/** "Profile and data": what apps call the person, the language of mails and pages, and everything there is as a file. */
export const profile: AccountPage = {
  path: '/profile',
  async show(visitor) {
    await show(visitor, { name: visitor.account.name ?? '' })
  },
  async submit(visitor) {
    const { ctx, deps, account } = visitor
    const { name: typed = '', language = '' } = ctx.state.body
    const name = readableName(typed)
    if (name.length > longestName) return show(visitor, { name: typed, error: 'long' })
    await deps.throttle.spend(ctx, 'detail_changed')
    rememberLocale(ctx, deps.config, language)
    await deps.accounts.setProfile(account.id, { ...(name !== '' && { name }), ...((await choosesForMails(visitor)) && { locale: ctx.state.locale }) })
    await deps.audit.record('profile.changed', traces(visitor), {})
    await done(visitor, 'profile_saved', { path })
  },
}

/** A session that was left open, or copied, changes its own pages and not the language in which the owner is warned of it. */
async function choosesForMails(visitor: Visitor): Promise<boolean> {
  const { session, deviceHash, now } = visitor
  const provenNow = session.proofs.some((proof) => proof.deviceHash === deviceHash && now - proof.at <= enrolmentWindow)
  return provenNow || (await lookAround(visitor)).recognised
}

async function show(visitor: Visitor, props: Pick<ProfileProps, 'name' | 'error'>): Promise<void> {
  const { deps, ctx } = visitor
  sendPage(ctx, profilePage(await pageOf(visitor), { ...props, languages: [...deps.config.locales] }), props.error ? 400 : 200)
}
