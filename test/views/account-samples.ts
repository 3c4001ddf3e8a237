import type { Html, PageContext } from '../../views/page.ts'
import type { Status } from '../../src/account/session.ts'
import type { Method } from '../../src/policy/types.ts'
import type { AccountPageContext } from '../../views/account/frame.ts'
import { told } from '../../src/account/activity-words.ts'
import { activityPage, type ActivityProps } from '../../views/account/activity.ts'
import { appRemovePage, appsPage, type ListedApp } from '../../views/account/apps.ts'
import { guardPage, type GuardProps } from '../../views/account/guard.ts'
import { identifierAddPage, type IdentifierAddProps } from '../../views/account/identifier-add.ts'
import { identifierConfirmPage, type IdentifierConfirmProps } from '../../views/account/identifier-confirm.ts'
import { identifierRemovePage, type IdentifierRemoveProps } from '../../views/account/identifier-remove.ts'
import { overviewPage, type NextStep, type OverviewProps } from '../../views/account/overview.ts'
import { profilePage } from '../../views/account/profile.ts'
import { recoveryPage } from '../../views/account/recovery.ts'
import { deviceForgetPage, sessionsEndPage, sessionsPage, type ListedSession } from '../../views/account/sessions.ts'
import { signedOutPage } from '../../views/account/signed-out.ts'
import { waysToSignInPage, type WaysProps } from '../../views/account/ways.ts'

const at = Date.UTC(2026, 10, 22, 13, 5)
const statuses: Record<Status, true> = {
  unchanged: true, identifier_added: true, identifier_added_first: true, identifier_taken: true, identifier_removed: true, identifier_removed_told: true,
  identifier_removed_quietly: true, identifier_confirmed: true, identifier_corrected: true, made_primary: true, changed_elsewhere: true,
  totp_added: true, totp_removed: true, recovery_codes_made: true,
  passkey_added: true, passkey_exists: true, passkey_not_added: true, passkey_renamed: true, passkey_default: true, passkey_removed: true, passkeys_only_on: true, passkeys_only_off: true, app_removed: true, session_ended: true, session_ended_silently: true, sessions_ended: true, device_forgotten: true, profile_saved: true,
}
const left: Exclude<Method, 'email_link'>[] = ['passkey', 'email_otp', 'sms_otp', 'totp', 'recovery_code']
const kinds = ['email', 'phone', 'username'] as const
type Drawn = Record<string, (page: PageContext) => Html>

/** The list of ways to sign in, and the pages that change what finds the account, in each of their states. */
export function accountSamples({ email, other, name }: { email: string; other: string; name: string }): Drawn {
  const inAccount = (page: PageContext, more: Partial<AccountPageContext> = {}): AccountPageContext => {
    const { app: _, ...rest } = page
    return { ...rest, base: '/account', path: '/account/identifier-add/email', who: email, signOutUrl: '/session/end', ...more }
  }
  const entry = { ref: 'ref', value: email, confirmed: true, main: true, mayBeMain: false }
  const all: WaysProps = {
    groups: [
      { kind: 'email', listed: [entry, { ref: 'b', value: other, confirmed: false, main: false, mayBeMain: false }], canAdd: true, max: 5 },
      { kind: 'phone', listed: [{ ...entry, value: '+44 7911 123456' }, { ...entry, value: '+44 7911 123457', main: false, mayBeMain: true }], canAdd: false, max: 2 },
      { kind: 'username', listed: [{ ref: 'c', value: name, main: true, mayBeMain: false }], canAdd: true, max: 1 },
    ],
    passkeys: [{ name }, { name: other }],
    totp: { since: at },
    recoveryCodes: { left: 3 },
  }
  const none: WaysProps = { groups: kinds.map((kind) => ({ kind, listed: [], canAdd: true, max: 5 })), passkeys: [], totp: {}, recoveryCodes: {} }
  const ways = (props: WaysProps, more: Partial<AccountPageContext> = {}) => (page: PageContext) => waysToSignInPage(inAccount(page, { path: '/account/ways', ...more }), props)
  const add = (props: Partial<IdentifierAddProps> = {}) => (page: PageContext) => identifierAddPage(inAccount(page), { kind: 'email', needsCountry: false, ...props })
  const confirm = (props: Partial<IdentifierConfirmProps> = {}) => (page: PageContext) =>
    identifierConfirmPage(inAccount(page, { path: '/account/identifier-confirm' }), { kind: 'email', value: other, length: 6, lifeMinutes: 10, resendInSeconds: 30, ...props })
  const remove = (props: Partial<IdentifierRemoveProps> = {}) => (page: PageContext) =>
    identifierRemovePage(inAccount(page), { kind: 'email', value: other, left: ['passkey', 'email_otp'], told: 'itself', usedHere: true, alone: true, ...props })
  const guard = (props: GuardProps) => (page: PageContext) => guardPage(inAccount(page), props)
  const urls = { againUrl: '/account/identifier-add/email?again', backUrl: '/account/ways' }
  const each = <K extends string>(prefix: string, names: readonly K[], draw: (one: K) => (page: PageContext) => Html): Drawn =>
    Object.fromEntries(names.map((one) => [`${prefix}-${one.replaceAll('_', '-')}`, draw(one)]))

  const shop: ListedApp = { ref: 'a', name: 'Example Shop', host: 'shop.example.com', since: at, scopes: ['openid', 'profile', 'email', 'phone', 'offline_access', other] }
  const overview = (next: NextStep, props: Partial<OverviewProps> = {}) => (page: PageContext) =>
    overviewPage(inAccount(page, { path: '/account' }), { passkeys: 2, codes: 8, phishable: [], sessions: 2, apps: 3, next, ...props })
  const laptop: ListedSession = { ref: 'a', here: false, device: name, since: at, lastSeenAt: at, apps: ['Example Shop', other] }
  const inSessions = (page: PageContext) => inAccount(page, { path: '/account/sessions' })
  const activity = (props: Partial<ActivityProps> = {}) => (page: PageContext) =>
    activityPage(inAccount(page, { path: '/account/activity' }), {
      filter: 'all',
      entries: [
        { type: 'passkey.created', at, device: name, disown: 'id' },
        ...(['passkey', 'email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code'] as const).map((method) => ({ type: 'sign_in', at, device: name, app: 'Example Shop', method })),
        { type: 'identifier.added', at: at - 86_400_000, kind: 'phone' },
      ],
      ...props,
    })
  const inApps = (page: PageContext) => inAccount(page, { path: '/account/apps' })

  return {
    'account-overview': overview({ do: 'nothing' }),
    'account-overview-confirm': overview({ do: 'confirm', kind: 'email', ref: 'ref' }),
    'account-overview-first': overview({ do: 'first_passkey' }, { passkeys: 0, phishable: ['email_otp'], apps: 0 }),
    'account-overview-second': overview({ do: 'second_passkey', codes: true }, { passkeys: 1, codes: 0, phishable: ['email_otp', 'sms_otp', 'totp'] }),
    'account-overview-codes': overview({ do: 'make_codes' }),
    'account-sessions': (page) => sessionsPage(inSessions(page), { sessions: [{ ...laptop, here: true }, { ...laptop, ref: 'b', device: 'Safari on iPhone', place: other, apps: [] }] }),
    'account-sessions-one': (page) => sessionsPage(inSessions(page), { sessions: [{ ref: 'a', here: true, device: 'Unknown browser', since: at, apps: [name] }] }),
    'account-sessions-end': (page) => sessionsEndPage(inSessions(page), { others: 3 }),
    'account-sessions-end-left': (page) => sessionsEndPage(inSessions(page), { others: 0, left: name }),
    'account-device-forget': (page) => deviceForgetPage(inSessions(page)),
    'account-activity': activity(),
    'account-activity-sentences': activity({ filter: 'changes', older: at, entries: Object.keys(told).map((type) => ({ type, at })) }),
    'account-activity-none': activity({ filter: 'problems', entries: [] }),
    'account-profile': (page) => profilePage(inAccount(page, { path: '/account/profile' }), { name: 'Maya', languages: ['en', 'de'] }),
    'account-profile-long': (page) => profilePage(inAccount(page, { path: '/account/profile' }), { name, languages: ['en'], error: 'long' }),
    'account-recovery': (page) => recoveryPage(inAccount(page, { path: '/account/recovery' }), { synced: ['iCloud Keychain'], onDevices: [name], codes: 3, byEmail: true, byPhone: true, waitHours: 24, next: { do: 'nothing' } }),
    'account-recovery-no-wait': (page) => recoveryPage(inAccount(page, { path: '/account/recovery' }), { synced: [], onDevices: [], codes: 0, byEmail: true, byPhone: false, waitHours: 0, next: { do: 'first_passkey' } }),
    'account-recovery-nothing': (page) => recoveryPage(inAccount(page, { path: '/account/recovery' }), { synced: [], onDevices: [name, other], codes: 0, byEmail: false, byPhone: false, waitHours: 24, next: { do: 'second_passkey', codes: true } }),
    'account-apps': (page) => appsPage(inApps(page), { apps: [shop, { ref: 'b', name: other, since: at, scopes: ['openid'] }] }),
    'account-apps-none': (page) => appsPage(inApps(page), { apps: [] }),
    ...each('account-app-remove', ['asks', 'again'], (what) => (page) => appRemovePage(inApps(page), { name, asksAgain: what === 'asks', minutes: 5 })),
    'account-ways': ways(all),
    'account-ways-full': ways({ ...none, groups: [{ kind: 'email', listed: [entry, { ...entry, ref: 'b', value: other, main: false, mayBeMain: true }], canAdd: false, max: 2 }], passkeys: [{ name }] }),
    'account-ways-none': ways(none),
    'account-ways-passkeys-only': ways({ ...all, passkeysOnly: true }),
    ...each('account-ways-confirm', ['email', 'phone'], (kind) => ways({ ...none, toConfirm: { kind, ref: 'ref' } })),
    ...each('account-ways-done', Object.keys(statuses) as Status[], (status) => ways(none, { done: { status, subject: other } })),
    ...each('account-add', kinds, (kind) => add({ kind })),
    'account-add-country': add({ kind: 'phone', needsCountry: true, error: 'country', typed: '07911' }),
    'account-add-change': add({ kind: 'username', before: name }),
    ...each('account-add-error', ['empty', 'form', 'local_part', 'own'], (error) => add({ error, typed: other })),
    ...each('account-add-name-error', ['reserved', 'confusable', 'taken', 'often'], (error) => add({ kind: 'username', error, typed: other })),
    ...each('account-correct', ['email', 'phone'], (kind) => add({ kind, correcting: true, typed: other })),
    'account-confirm': confirm(),
    'account-confirm-phone': confirm({ kind: 'phone', value: '+44 7911 123456' }),
    'account-confirm-resent': confirm({ status: 'resent' }),
    ...each('account-confirm', ['gone', 'empty'], (kind) => confirm({ error: { kind } })),
    'account-confirm-wrong': confirm({ error: { kind: 'wrong', triesLeft: 1 } }),
    ...each('account-confirm', ['budget', 'too_early', 'send_limit'], (kind) => confirm({ error: { kind, retryAfter: 600 } })),
    'account-remove': remove(),
    ...each('account-remove-only', left, (method) => remove({ left: [method], told: 'others' })),
    'account-remove-name': remove({ kind: 'username', value: name, told: 'nobody', usedHere: false }),
    ...each('account-remove-required', kinds, (kind) => remove({ kind, why: 'required' })),
    'account-remove-last': remove({ why: 'last_way_in' }),
    ...each('account-guard', ['sign_in', 'passkey', 'other_kind', 'recovery'], (way) => guard({ way, ...urls })),
    'account-guard-cooling': guard({ way: 'older_passkey', until: at, ...urls }),
    'account-guard-frozen': guard({ way: 'older_passkey', frozen: true, ...urls }),
    'account-signed-out': (page) => signedOutPage(inAccount(page), { url: '/account/ways' }),
  }
}
