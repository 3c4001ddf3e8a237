import type { ErrorCode } from '../../src/errors.ts'
import type { IdentifierKind } from '../../src/storage/types.ts'
import type { Html, PageContext } from '../../views/page.ts'
import { enrolCreatedPage } from '../../views/account/enrol-created.ts'
import { enrolPage } from '../../views/account/enrol.ts'
import { type GoOn, type Message, messagePage } from '../../views/account/message.ts'
import { notMeStoppedPage } from '../../views/account/not-me-stopped.ts'
import { notMePage } from '../../views/account/not-me.ts'
import { accountExistsPage } from '../../views/login/account-exists.ts'
import { blockedPage } from '../../views/login/blocked.ts'
import { consentPage } from '../../views/login/consent.ts'
import { claimPage } from '../../views/login/claim.ts'
import { confirmPage } from '../../views/login/confirm.ts'
import { recoveryCodesPage } from '../../views/login/recovery-codes.ts'
import { createAccountPage } from '../../views/login/create-account.ts'
import { emailLinkPage } from '../../views/login/email-link.ts'
import { emailLinkUsedPage } from '../../views/login/email-link-used.ts'
import { emailOtpPage, type EmailOtpProps } from '../../views/login/email-otp.ts'
import { errorPage } from '../../views/login/error.ts'
import { freezeNoticePage } from '../../views/login/freeze-notice.ts'
import { guardPage, type GuardProps } from '../../views/login/guard.ts'
import { handOverPage } from '../../views/login/hand-over.ts'
import { helpPage } from '../../views/login/help.ts'
import { identifierPage, type IdentifierProps } from '../../views/login/identifier.ts'
import { linkCodePage } from '../../views/login/link-code.ts'
import { linkElsewherePage } from '../../views/login/link-elsewhere.ts'
import { linkMessagePage, type LinkMessage } from '../../views/login/link-message.ts'
import { linkPage, type LinkProps } from '../../views/login/link.ts'
import { loggedOutPage } from '../../views/login/logged-out.ts'
import { logoutPage } from '../../views/login/logout.ts'
import { methodsPage } from '../../views/login/methods.ts'
import { otherDevicePage } from '../../views/login/other-device.ts'
import { passkeyFailedPage, type PasskeyFailedProps } from '../../views/login/passkey-failed.ts'
import { passkeyPage } from '../../views/login/passkey.ts'
import { recoveryCodePage } from '../../views/login/recovery-code.ts'
import { recoveryCodeUsedPage, type RecoveryCodeUsedProps } from '../../views/login/recovery-code-used.ts'
import { recoveryNoticePage } from '../../views/login/recovery-notice.ts'
import { recoveryPage, type RecoveryProps } from '../../views/login/recovery.ts'
import { signUpPage, type SignUpField } from '../../views/login/sign-up.ts'
import { smsOtpPage, type SmsOtpProps } from '../../views/login/sms-otp.ts'
import { stepUpPage } from '../../views/login/step-up.ts'
import { totpPage } from '../../views/login/totp.ts'
import { welcomeBackPage } from '../../views/login/welcome-back.ts'
import { wrongAccountPage } from '../../views/login/wrong-account.ts'
import type { CodeError, CodeProps, SentCodeProps } from '../../views/parts/code.ts'
import type { PasskeyNotice, Way } from '../../src/login/state.ts'
import { otherMethods } from '../../src/policy/types.ts'
import type { ChangeKind } from '../../src/storage/types.ts'
import { creationSamples } from './creation-samples.ts'
import { accountSamples } from './account-samples.ts'
import { passkeyAccountSamples } from './passkey-account-samples.ts'
import { factorSamples } from './factor-samples.ts'

const options = { challenge: 'Y2hhbGxlbmdl', rpId: 'localhost', userVerification: 'required', timeout: 300_000 }
const creation = {
  challenge: 'Y2hhbGxlbmdl',
  rp: { id: 'localhost', name: 'Example' },
  user: { id: 'dXNlcg', name: 'maya@example.com', displayName: 'maya@example.com' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
}
const now = Date.UTC(2026, 10, 22, 13, 5)
const ways: Way[] = ['passkey', 'other_device', 'email_otp']
const everyWay: Way[] = ['passkey', 'other_device', ...otherMethods]
const others: Way[] = ['email_otp', 'other_device']

const changes: ChangeKind[] = [
  'passkey_added', 'passkey_removed', 'identifier_added', 'identifier_removed', 'method_added', 'method_removed',
  'recovery_codes_made', 'recovery_code_used', 'recovery_started', 'passkeys_only_on', 'passkeys_only_off', 'new_device',
]
const messages: Message[] = ['not_me_gone', 'not_me_decided', 'not_me_fine', 'enrol_gone', 'enrol_used', 'enrol_elsewhere', 'enrol_frozen', 'enrol_not_here']
const time = Date.UTC(2026, 10, 22, 13, 5)
const toShop: GoOn = { kind: 'app', url: 'https://shop.example.com/' }

/** Text that a person, an app or an operator brought along; hostile in one test. */
export interface SampleTexts {
  email: string
  other: string
  name: string
  place: string
}

const ordinary: SampleTexts = { email: 'maya@example.com', other: 'sam@example.org', name: 'Chrome on Windows', place: 'iCloud Keychain' }

/** Every view in every state that looks different. */
export function samples({ email, other, name, place }: SampleTexts = ordinary): Record<string, (page: PageContext) => Html> {
  const box = { checked: false, staysSignedIn: true, kinds: ['email' as const] }
  const kindSets: IdentifierKind[][] = [['phone'], ['username'], ['email', 'phone'], ['email', 'username'], ['phone', 'username'], ['email', 'phone', 'username']]
  const identifier = (props: Partial<IdentifierProps>) => (page: PageContext) =>
    identifierPage(page, { kinds: ['email'], passkey: { options }, knownDevice: false, remember: box, ...props })
  const code = (props: Partial<EmailOtpProps>) => (page: PageContext) =>
    emailOtpPage(page, { who: email, to: email, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true, passkeyOptions: options, ...props })
  const signUp = (fields: SignUpField[]) => (page: PageContext) => signUpPage(page, { fields, remember: box })
  const emailField: SignUpField = { kind: 'email', name: 'identifier', required: true, proven: true }
  const allFields: SignUpField[] = [
    { ...emailField, name: 'email' },
    { kind: 'phone', name: 'phone', required: false, proven: true },
    { kind: 'username', name: 'username', required: true, proven: false },
  ]
  const link = (props: Partial<SentCodeProps>) => (page: PageContext) =>
    emailLinkPage(page, { who: email, to: email, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true, passkeyOptions: options, link: true, ...props })
  const sms = (props: Partial<SmsOtpProps>) => (page: PageContext) =>
    smsOtpPage(page, { who: '+44 7911 123456', to: '+44 7911 123456', purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true, passkeyOptions: options, ...props })
  const own = (draw: (page: PageContext, props: CodeProps) => Html, error?: CodeError, more: Partial<CodeProps> = {}) => (page: PageContext) =>
    draw(page, { who: email, otherWays: true, passkeyOptions: options, ...(error && { error }), ...more })
  const used = (props: Partial<RecoveryCodeUsedProps>) => (page: PageContext) =>
    recoveryCodeUsedPage(page, { left: 7, told: true, canCreate: true, canContinue: true, ...props })
  const press = (props: Partial<LinkProps>) => (page: PageContext) =>
    linkPage({ ...page, base: '/link/ticket' }, { purpose: 'sign_in', email, app: name, ticket: 'ticket', interaction: { base: '/interaction/abc', csrf: page.csrf }, ...props })
  const message = (message: LinkMessage, startUrl?: string) => (page: PageContext) =>
    linkMessagePage({ ...page, base: '/link/ticket' }, { message, lifeMinutes: 10, ...(startUrl !== undefined && { startUrl }) })
  const failed = (notice: PasskeyNotice, more: Partial<PasskeyFailedProps> = {}) => (page: PageContext) =>
    passkeyFailedPage(page, { notice, email, to: { email }, options, others, againFirst: false, canTryAgain: true, stepUp: false, canSkip: false, canRecover: false, ...more })
  const guard = (props: Partial<GuardProps>) => (page: PageContext) =>
    guardPage(page, { email, way: 'passkey', frozen: false, to: { email }, others: [], canContinue: false, canRecover: false, ...props })
  const recovery = (standing: RecoveryProps['standing'], more: Partial<RecoveryProps> = {}) => (page: PageContext) =>
    recoveryPage(page, { standing, email, to: { email }, delay: 86_400, readyAt: now, device: name, passkeysOnly: false, canContinue: false, ...more })
  const error = (code: ErrorCode, more: object = {}) => (page: PageContext) =>
    errorPage(page, { code, reference: '7F3K-2Q9D', time: '22 Nov 2026, 13:05 UTC', next: { kind: 'start_again', url: 'https://shop.example.com/' }, ...more })

  return {
    'identifier': identifier({}),
    'identifier-empty': identifier({ error: { reason: 'empty', kind: 'email' } }),
    'identifier-form': identifier({ error: { reason: 'form', kind: 'email' }, value: email }),
    'identifier-local-part': identifier({ error: { reason: 'local_part', kind: 'email' }, value: email }),
    ...Object.fromEntries(kindSets.flatMap((kinds) => {
      const name = `identifier-${kinds.join('-')}`
      const remember = { ...box, kinds }
      const reasons = (['empty', 'form', 'country', 'no_such_number'] as const).map((reason) => [`${name}-wrong-${reason}`, identifier({ kinds, remember: { ...remember, staysSignedIn: false }, error: { reason, ...(kinds.length === 1 && { kind: kinds[0]! }) } })])
      return [[name, identifier({ kinds, remember })], [`${name}-known`, identifier({ kinds, remember, knownDevice: true })], ...reasons] as [string, (page: PageContext) => Html][]
    })),
    'welcome-back': (page) => welcomeBackPage(page, { rows: [email, '+44 7911 123456', 'maya'] }),
    'welcome-back-forgotten': (page) => welcomeBackPage(page, { rows: [other], forgotten: true }),
    'identifier-notice': identifier({ notice: 'none_here' }),
    'identifier-known': identifier({ knownDevice: true }),
    'identifier-in-app': identifier({ inApp: 'ios' }),
    'identifier-in-app-android': identifier({ inApp: 'android' }),
    'sign-up': signUp([{ ...emailField }]),
    'sign-up-taken': signUp([{ ...emailField, value: email, error: { reason: 'taken' } }]),
    'sign-up-all': signUp(allFields),
    'sign-up-one-enough': signUp(allFields.map((one) => ({ ...one, required: false }))),
    'sign-up-nothing': (page) => signUpPage(page, { fields: allFields.map((one) => ({ ...one, required: false })), remember: box, nothing: true }),
    'sign-up-name-form': signUp([{ ...allFields[2]!, name: 'identifier', value: 'maya!', error: { reason: 'form', usual: true } }]),
    'sign-up-suggestions': signUp([{ ...allFields[2]!, name: 'identifier', value: 'maya', error: { reason: 'taken', suggestions: ['maya7', 'maya-42'] } }]),
    ...Object.fromEntries((['empty', 'form', 'taken', 'unavailable', 'held'] as const).map((reason) => [`sign-up-${reason}-all`, signUp(allFields.map((one) => ({ ...one, value: other, error: { reason } })))])),
    'sign-up-country': signUp([{ ...emailField, error: { reason: 'local_part' } }, { ...allFields[1]!, error: { reason: 'country' } }]),
    'email-otp': code({}),
    'email-otp-sign-up': code({ purpose: 'sign_up', otherWays: false }),
    'email-otp-wrong': code({ error: { kind: 'wrong', triesLeft: 4 } }),
    'email-otp-last': code({ error: { kind: 'wrong', triesLeft: 1 } }),
    'email-otp-empty': code({ error: { kind: 'empty' } }),
    'email-otp-gone': code({ error: { kind: 'gone' }, resendInSeconds: 0 }),
    'email-otp-budget': code({ error: { kind: 'budget', retryAfter: 700 } }),
    'email-otp-budget-sign-up': (page) =>
      emailOtpPage(page, { who: email, to: email, purpose: 'sign_up', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: false, error: { kind: 'budget', retryAfter: 700 } }),
    'email-otp-budget-only': code({ error: { kind: 'budget', retryAfter: 700 }, otherWays: false }),
    'email-otp-limit': code({ error: { kind: 'send_limit', retryAfter: 3600 } }),
    'email-otp-limit-none': code({ error: { kind: 'send_limit_none', retryAfter: 600 } }),
    'email-otp-early': code({ error: { kind: 'too_early', retryAfter: 12 } }),
    'email-otp-unreachable': code({ error: { kind: 'unreachable' } }),
    'email-otp-unreachable-fixed': code({ error: { kind: 'unreachable' }, fixed: true }),
    'email-otp-resent': code({ status: 'resent' }),
    'email-otp-link': code({ link: true }),
    'email-otp-letters': code({ letters: true }),
    'email-otp-elsewhere': code({ who: name }),
    'email-otp-somewhere': (page) => emailOtpPage(page, { who: name, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true }),
    'email-link': link({}),
    'email-link-sign-up': link({ purpose: 'sign_up', otherWays: false }),
    'email-link-elsewhere': link({ who: name }),
    'email-link-somewhere': (page) => emailLinkPage(page, { who: name, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true, link: true }),
    'email-link-wrong': link({ error: { kind: 'wrong', triesLeft: 4 } }),
    'email-link-empty': link({ error: { kind: 'empty' } }),
    'email-link-gone': link({ error: { kind: 'gone' } }),
    'email-link-link-gone': link({ error: { kind: 'link_gone' } }),
    'email-link-waiting': link({ status: 'not_yet' }),
    'email-link-resent': link({ status: 'resent' }),
    'email-link-used': (page) => emailLinkUsedPage(page, { finished: true }),
    'email-link-used-open': (page) => emailLinkUsedPage(page, { finished: false }),
    'sms-otp': sms({}),
    'sms-otp-sign-up': sms({ purpose: 'sign_up', otherWays: false }),
    'sms-otp-elsewhere': sms({ who: name }),
    'sms-otp-ending': sms({ who: email, ending: '56', fixed: true }),
    'sms-otp-somewhere': (page) => smsOtpPage(page, { who: email, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true }),
    'sms-otp-wrong': sms({ error: { kind: 'wrong', triesLeft: 2 } }),
    'sms-otp-empty': sms({ error: { kind: 'empty' } }),
    'sms-otp-gone': sms({ error: { kind: 'gone' } }),
    'sms-otp-budget': sms({ error: { kind: 'budget', retryAfter: 700 } }),
    'sms-otp-unreachable': sms({ error: { kind: 'unreachable' } }),
    'sms-otp-resent': sms({ status: 'resent' }),
    'totp': own(totpPage),
    'totp-wrong': own(totpPage, { kind: 'wrong', triesLeft: 9 }),
    'totp-last': own(totpPage, { kind: 'wrong', triesLeft: 1 }),
    'totp-gone': own(totpPage, { kind: 'gone' }),
    'totp-empty': own(totpPage, { kind: 'empty' }),
    'totp-budget': own(totpPage, { kind: 'budget', retryAfter: 700 }),
    'totp-step-up': own(totpPage, undefined, { fixed: true }),
    'recovery-code': own(recoveryCodePage),
    'recovery-code-wrong': own(recoveryCodePage, { kind: 'wrong', triesLeft: 9 }),
    'recovery-code-gone': own(recoveryCodePage, { kind: 'gone' }),
    'recovery-code-empty': own(recoveryCodePage, { kind: 'empty' }),
    'recovery-code-budget': own(recoveryCodePage, { kind: 'budget', retryAfter: 700 }),
    'recovery-code-used': used({}),
    'recovery-code-used-few': used({ left: 1, canCreate: false, told: false }),
    'recovery-code-used-open': used({ left: 0, canCreate: false, canContinue: false }),
    'link': press({}),
    'link-switches': press({ other }),
    'link-sign-up': press({ purpose: 'sign_up' }),
    'link-confirm': press({ purpose: 'confirm' }),
    'link-elsewhere': (page) => linkElsewherePage({ ...page, base: '/link/ticket' }, { asker: name, place, secondsAgo: 130, app: other }),
    'link-elsewhere-account': (page) => linkElsewherePage({ ...page, base: '/link/ticket' }, { asker: name, secondsAgo: 20 }),
    'link-elsewhere-somewhere': (page) => linkElsewherePage({ ...page, base: '/link/ticket' }, { asker: name, secondsAgo: 20, app: other }),
    'link-code': (page) => linkCodePage({ ...page, base: '/link/ticket' }, { code: '419037', lifeMinutes: 5 }),
    'link-used': message('used', 'https://shop.example.com/'),
    'link-gone': message('gone', 'https://shop.example.com/'),
    'link-gone-nowhere': message('gone'),
    'link-refused': message('refused'),
    'link-shown': message('shown'),
    'link-not-me': message('not_me', 'https://shop.example.com/'),
    'passkey': (page) => passkeyPage(page, { email, to: { email }, options, others, stepUp: false }),
    'passkey-step-up': (page) => passkeyPage(page, { email, options, others: [], stepUp: true }),
    'passkey-failed-closed': failed('closed'),
    'passkey-failed-timeout': failed('timeout'),
    'passkey-failed-none-here': failed('none_here'),
    'passkey-failed-not-shown': failed('not_shown', { keeper: place, fabric: 'icloud' }),
    'passkey-failed-not-shown-windows': failed('not_shown', { keeper: 'Windows Hello' }),
    'passkey-failed-locked': failed('locked', { keeper: name, againFirst: true }),
    'passkey-failed-not-elsewhere': failed('not_elsewhere', { others: ['email_otp', 'totp'], canTryAgain: false }),
    'passkey-failed-unknown': failed('removed', { unknown: { rpId: 'example.com', unknown: 'AAAA' } }),
    'passkey-failed-refused': failed('refused', { againFirst: true }),
    'passkey-failed-step-up': failed('refused', { againFirst: true, stepUp: true, canSkip: true, canRecover: true, others: ['other_device'] }),
    'passkey-failed-only': failed('closed', { againFirst: true, stepUp: true, others: [] }),
    'passkey-failed-removed': failed('removed'),
    'passkey-failed-removed-kept': failed('removed', { keeper: name }),
    'passkey-failed-frozen': failed('frozen'),
    'passkey-failed-domain': failed('wrong_domain'),
    'passkey-failed-no-verification': failed('no_verification'),
    ...Object.fromEntries((['windows', 'ios', 'mac', 'android', 'linux'] as const).map((platform) => [`passkey-failed-${platform}`, failed('no_verification', { platform })])),
    'passkey-failed-offline': failed('offline'),
    'methods': (page) => methodsPage(page, { email, to: { email, phone: '+44 7911 123456' }, ways, options, stepUp: false, canContinue: false }),
    'methods-all': (page) => methodsPage(page, { email, to: { email, phone: '+44 7911 123456' }, ways: everyWay, options, stepUp: false, canContinue: false }),
    'methods-unknown-recipients': (page) => methodsPage(page, { to: { phoneEnding: '56' }, ways: everyWay, options, stepUp: true, canContinue: false }),
    'methods-before-creation': (page) => methodsPage(page, { email, to: { email, phone: '+44 7911 123456' }, ways: ['email_otp'], options, stepUp: true, canContinue: true }),
    'other-device': (page) => otherDevicePage(page, { email, to: { email }, options, stepUp: false, others }),
    'other-device-only': (page) => otherDevicePage(page, { options, stepUp: false, others: [] }),
    'other-device-key': (page) => otherDevicePage(page, { email, to: { email }, options, onlyKey: true, stepUp: false, others }),
    'other-device-step-up': (page) => otherDevicePage(page, { email, options, stepUp: true, others }),
    'passkey-automatic': (page) => passkeyPage(page, { email, to: { email }, options, others, stepUp: false, auto: true }),
    'step-up-other-first': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, options, passkeyFirst: false, canCreate: false, canSkip: false, others: ['totp', 'other_device'] }),
    'step-up-phone-first': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, options, passkeyFirst: false, canCreate: false, canSkip: false, others: ['other_device', 'totp'] }),
    'identifier-elsewhere': identifier({ elsewhere: options }),
    'identifier-only-immediate': identifier({ onlyImmediate: true }),
    'email-otp-in-app': (page) => emailOtpPage(page, { who: email, to: email, purpose: 'sign_in', length: 6, lifeMinutes: 10, resendInSeconds: 30, otherWays: true, inApp: 'ios' }),
    'wrong-account': (page) => wrongAccountPage(page, { email, otherEmail: other, canSwitch: true, stay: 'email_otp' }),
    'wrong-account-step-up': (page) => wrongAccountPage(page, { email, otherEmail: other, canSwitch: false, stay: 'totp' }),
    'wrong-account-no-code': (page) => wrongAccountPage(page, { email, otherEmail: other, canSwitch: false }),
    'account-exists': (page) => accountExistsPage(page, { email }),
    'create-account-phone': (page) => createAccountPage(page, { who: other, kind: 'phone' }),
    'create-account-name': (page) => createAccountPage(page, { who: other, kind: 'username' }),
    'claim': (page) => claimPage(page, { who: email, kind: 'email', options }),
    'claim-there': (page) => claimPage(page, { who: other, kind: 'phone' }),
    'claim-notice': (page) => claimPage(page, { who: email, kind: 'email', options, notice: 'none_here' }),
    'confirm': (page) => confirmPage(page, { kind: 'email', who: email, canCorrect: true }),
    'confirm-phone': (page) => confirmPage(page, { kind: 'phone', who: other, canCorrect: false }),
    'confirm-correct': (page) => confirmPage(page, { kind: 'email', who: email, canCorrect: true, correct: { value: email, error: 'unavailable' } }),
    'confirm-correct-phone': (page) => confirmPage(page, { kind: 'phone', who: other, canCorrect: true, correct: { value: other, error: 'country' } }),
    'sign-up-codes': (page) => recoveryCodesPage(page, { current: 'none' }),
    'sign-up-codes-again': (page) => recoveryCodesPage(page, { current: '1', again: true }),
    'sign-up-codes-shown': (page) => recoveryCodesPage(page, { current: '1', codes: ['4KTP-9WQX', 'ABCD-2345'] }),
    'sign-up-codes-not-saved': (page) => recoveryCodesPage(page, { current: '1', codes: ['4KTP-9WQX', 'ABCD-2345'], notSaved: true }),
    'create-account': (page) => createAccountPage(page, { who: email, kind: 'email' }),
    'step-up': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, options, canCreate: false, canSkip: true, others }),
    'step-up-passkeys': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, options, canCreate: false, canSkip: false, others: ['other_device'] }),
    'step-up-code': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, canCreate: false, canSkip: false, others }),
    'step-up-create': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, canCreate: true, canSkip: true, others: [] }),
    'step-up-recovering': (page) => stepUpPage(page, { email, to: { email }, reason: 'weaker', canRecover: true, recovering: true, canCreate: true, canSkip: false, others: [] }),
    'step-up-none': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: false, canCreate: false, canSkip: false, others: [] }),
    'guard-passkey': guard({ options, canContinue: true, canRecover: true }),
    'guard-sign-in': guard({ way: 'sign_in', others: ['email_otp'], canContinue: true }),
    'guard-for-level': guard({ way: 'sign_in', others: ['email_otp', 'totp'] }),
    'guard-cooling': guard({ way: 'older_passkey', until: now, options, canContinue: true, canRecover: true }),
    'guard-older': guard({ way: 'older_passkey', options, canRecover: true }),
    'guard-other-kind': guard({ way: 'other_kind', others: ['totp'], canContinue: true }),
    'guard-recovery': guard({ way: 'recovery', canRecover: true, canContinue: true }),
    'guard-frozen': guard({ way: 'older_passkey', frozen: true, options, canRecover: true }),
    'guard-two-ways': guard({ way: 'older_passkey', options, others: ['email_otp', 'totp'], canContinue: true }),
    'blocked-two-codes': (page) => blockedPage(page, { email, stopped: false, options, others: ['other_device', 'totp', 'recovery_code'] }),
    'guard-no-way': guard({ way: 'other_kind', canContinue: true }),
    'blocked': (page) => blockedPage(page, { email, stopped: false, options, others: ['other_device', 'recovery_code'] }),
    'blocked-no-passkey-here': (page) => blockedPage(page, { email, stopped: false, others: [] }),
    'blocked-stopped': (page) => blockedPage(page, { email, stopped: true, others: ['recovery_code'] }),
    'recovery': recovery('before_proof'),
    'recovery-needs-proof': recovery('needs_proof', { canContinue: true }),
    'recovery-start': recovery('may_start'),
    'recovery-start-or-go-on': recovery('may_start', { canContinue: true }),
    'recovery-waiting': recovery('waiting', { canContinue: true }),
    'recovery-waiting-blocked': recovery('waiting'),
    'recovery-elsewhere': recovery('elsewhere', { canContinue: true }),
    'recovery-ready': recovery('ready'),
    'recovery-create': recovery('may_create', { canContinue: true }),
    'recovery-too-often': recovery('too_often', { retryAfter: 80_000 }),
    'recovery-too-often-go-on': recovery('too_often', { retryAfter: 80_000, canContinue: true }),
    'recovery-none': recovery('none', { canContinue: true }),
    'recovery-passkeys-only': recovery('none', { passkeysOnly: true }),
    'recovery-notice': (page) => recoveryNoticePage(page, { device: name, startedAt: now, readyAt: now + 86_400_000 }),
    'freeze-notice': (page) => freezeNoticePage(page, { changes: [{ kind: 'passkey_added', at: now, device: name }], shown: 'a b' }),
    'freeze-notice-changed': (page) => freezeNoticePage(page, { changes: [{ kind: 'passkey_added', at: now, device: name }, { kind: 'new_device', at: now, device: name }], shown: 'a b', changed: true }),
    'freeze-notice-all': (page) => freezeNoticePage(page, { changes: changes.map((kind) => ({ kind, at: now, device: name })), shown: 'a b' }),
    'step-up-weaker': (page) => stepUpPage(page, { email, to: { email }, reason: 'weaker', canRecover: true, options, canCreate: false, canSkip: false, others: ['other_device'] }),
    'step-up-preferred': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', passkeyName: name, canRecover: false, options, canCreate: false, canSkip: false, others }),
    'step-up-rule': (page) => stepUpPage(page, { email, to: { email }, reason: 'rule', canRecover: false, canCreate: false, canSkip: false, others }),
    'step-up-none-left': (page) => stepUpPage(page, { email, to: { email }, reason: 'app', canRecover: true, canCreate: false, canSkip: true, others: [] }),
    'step-up-stopped': (page) => stepUpPage(page, { email, to: { email }, reason: 'stopped', canRecover: true, canCreate: false, canSkip: false, others: [] }),
    'step-up-stuck': (page) => stepUpPage(page, { email, to: { email }, reason: 'weaker', canRecover: true, canCreate: false, canSkip: false, others: [] }),
    'step-up-stuck-rule': (page) => stepUpPage(page, { email, to: { email }, reason: 'rule', canRecover: false, canCreate: false, canSkip: false, others: [] }),
    'identifier-remember': identifier({ remember: { ...box, checked: true } }),
    'identifier-remember-known': identifier({ remember: { ...box, staysSignedIn: false }, knownDevice: true }),
    'sign-up-remember': (page) => signUpPage(page, { fields: [emailField], remember: { ...box, kinds: ['email', 'phone'] } }),
    ...creationSamples({ email, name, place }),
    ...accountSamples({ email, other, name }),
    ...passkeyAccountSamples({ email, other, name, options: creation }),
    ...factorSamples(email),
    'help': (page) => helpPage(page, { stepUp: false, ways: everyWay, canRecover: false }),
    'help-step-up': (page) => helpPage(page, { stepUp: true, ways: ['passkey'], canRecover: true }),
    'help-step-up-nothing': (page) => helpPage(page, { stepUp: true, ways: ['passkey'], canRecover: false }),
    'consent': (page) => consentPage(page, { email, canSwitch: true, scopes: ['openid', 'profile', 'email', 'phone', 'offline_access', name], appHost: 'shop.example.com' }),
    'consent-plain': (page) => consentPage(page, { email, scopes: ['openid'] }),
    'hand-over': (page) => handOverPage(page, { url: 'https://shop.example.com/callback?code=1&state=2' }),
    'hand-over-form': (page) => handOverPage(page, { form: { action: 'https://shop.example.com/callback', fields: { code: name, state: other } } }),
    'logout': (page) => logoutPage(page, { action: '/session/end/confirm', xsrf: 'xsrf-token', apps: ['Example Shop', name] }),
    'logged-out': (page) => loggedOutPage(page, { failedApps: [] }),
    'logged-out-account': (page) => loggedOutPage(withoutApp(page), { failedApps: [] }),
    'step-up-account': (page) => stepUpPage({ ...page, app: { name: 'Example', own: true } }, { email, to: { email }, reason: 'change', canRecover: false, options, canCreate: false, canSkip: false, others }),
    'step-up-account-needs': (page) => stepUpPage({ ...page, app: { name: 'Example', own: true } }, { email, to: { email }, reason: 'change', canRecover: false, canCreate: false, canSkip: false, others: [] }),
    'methods-account': (page) => methodsPage({ ...page, app: { name: 'Example', own: true } }, { email, to: { email }, ways, options, stepUp: true, canContinue: false }),
    'recovery-code-used-account': (page) => used({})({ ...page, app: { name: 'Example', own: true } }),
    'logged-out-failed': (page) => loggedOutPage(page, { failedApps: [name] }),
    'error-expired': error('interaction_expired'),
    'error-finished': error('interaction_finished', { next: { kind: 'open_app', url: 'https://shop.example.com/' } }),
    'error-elsewhere': error('interaction_elsewhere'),
    'error-step-done': error('step_done', { next: { kind: 'continue', url: '/interaction/abc/email-otp' } }),
    'error-cookie': error('cookie_missing'),
    'error-client': error('client_setup', { next: { kind: 'open_app', url: 'https://shop.example.com/' }, developer: { error: 'invalid_redirect_uri', field: 'redirect_uri', description: name } }),
    'error-address': error('wrong_address', { next: { kind: 'open_host', url: 'https://login.example.com' } }),
    'error-throttled': error('throttled', { retryAfter: 300, next: { kind: 'passkey', url: '/interaction/abc' } }),
    'error-rule': error('stopped_by_rule', { next: { kind: 'other_way', url: '/interaction/abc' } }),
    'error-store': error('store_unavailable', { retryAfter: 30 }),
    'error-internal': error('internal', { next: { kind: 'try_again', url: '/interaction/abc?due' } }),
    'error-csrf': error('csrf'),
    ...Object.fromEntries(changes.map((kind) => [`account-not-me-${kind}`, (page: PageContext) => notMePage(page, { kind, at: time, device: 'Chrome on Windows' })])),
    'account-not-me': (page) => notMePage(page, { kind: 'passkey_added', at: time, device: 'Chrome on Windows', subject: name, account: email }),
    ...Object.fromEntries(changes.map((kind) => [`account-stopped-${kind}`, (page: PageContext) => notMeStoppedPage(page, { stopped: [{ kind, at: time, device: 'Chrome on Windows' }], next: toShop })])),
    'account-stopped': (page) => notMeStoppedPage(withoutApp(page), { stopped: [{ kind: 'passkey_added', at: time, device: 'Chrome on Windows' }] }),
    'account-stopped-all': (page) => notMeStoppedPage(page, { stopped: changes.map((kind) => ({ kind, at: time, device: name })), next: toShop }),
    'account-enrol': (page) => enrolPage(page, { email, until: time }),
    'account-enrol-in-app': (page) => enrolPage(page, { email, until: time, inApp: 'ios' }),
    'account-enrol-created': (page) => enrolCreatedPage(page, { name, storedIn: place, synced: true, icon: 'cloud', next: toShop }),
    'account-enrol-created-apps': (page) => enrolCreatedPage(withoutApp(page), { name, synced: false, next: { kind: 'apps', apps: [{ name: 'Example Shop', url: 'https://shop.example.com/' }, { name: other, url: 'https://mail.example.com/' }] } }),
    'account-enrol-created-device': (page) => enrolCreatedPage(withoutApp(page), { name, synced: false }),
    ...Object.fromEntries(messages.map((message) => [`account-message-${message}`, (page: PageContext) => messagePage(withoutApp(page), { message })])),
    'account-message-app': (page) => messagePage(page, { message: 'enrol_used', next: toShop }),
    'account-message-help': (page) => messagePage(page, { message: 'enrol_gone', next: { kind: 'help', url: 'https://example.com/help' } }),
    'error-not-found': (page) => errorPage({ ...withoutApp(page), base: '' }, { code: 'not_found', reference: '7F3K-2Q9D', time: '22 Nov 2026, 13:05 UTC', next: { kind: 'open_account', url: '/account' } }),
  }
}

function withoutApp({ app: _, ...page }: PageContext): PageContext {
  return page
}
