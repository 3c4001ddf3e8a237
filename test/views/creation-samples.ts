import { otherMethods } from '../../src/policy/types.ts'
import type { NotCreated } from '../../src/passkeys/index.ts'
import { enrolCreatePage, type EnrolCreateProps } from '../../views/account/enrol-create.ts'
import { enrolNotCreatedPage, type EnrolNotCreatedProps } from '../../views/account/enrol-not-created.ts'
import { passkeyCreatePage, type PasskeyCreateProps } from '../../views/login/passkey-create.ts'
import { passkeyCreatedPage, type PasskeyCreatedProps } from '../../views/login/passkey-created.ts'
import { passkeyNamePage } from '../../views/login/passkey-name.ts'
import { passkeyNotCreatedPage, type PasskeyNotCreatedProps } from '../../views/login/passkey-not-created.ts'
import type { Html, PageContext } from '../../views/page.ts'
import type { Choice } from '../../views/parts/creation.ts'

type Drawn = Record<string, (page: PageContext) => Html>

const options = {
  challenge: 'Y2hhbGxlbmdl',
  rp: { id: 'localhost', name: 'Example' },
  user: { id: 'dXNlcg', name: 'maya@example.com', displayName: 'maya@example.com' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
}
const here: Choice = { place: 'here', options }
const elsewhere: Choice = { place: 'elsewhere', options }
const platforms = ['windows', 'ios', 'mac', 'android', 'linux'] as const

/** Making a passkey: before, what came of it, and its name. */
export function creationSamples({ email, name, place }: { email: string; name: string; place: string }): Drawn {
  const besides = { ways: ['email_otp' as const], together: false }
  const signal = { rpId: 'localhost', userId: 'dXNlcg', accepted: ['YQ'], user: { name: email, displayName: email } }
  const offer = (props: Partial<PasskeyCreateProps> = {}) => (page: PageContext) =>
    passkeyCreatePage(page, { choices: [here, elsewhere], keeper: place, neverButton: false, notNow: true, besides, signal, ...props })
  const signUp = (props: Partial<PasskeyCreateProps> = {}) => (page: PageContext) =>
    passkeyCreatePage(page, { choices: [here], keeper: place, neverButton: false, notNow: false, ...props })
  const made = (props: Partial<PasskeyCreatedProps> = {}) => (page: PageContext) =>
    passkeyCreatedPage(page, { name, synced: false, icon: 'laptop', besides, canRename: true, signal, ...props })
  const notMade = (reason: NotCreated, props: Partial<PasskeyNotCreatedProps> = {}) => (page: PageContext) =>
    passkeyNotCreatedPage(page, { reason, choices: [here, elsewhere], signal: { rpId: 'localhost', unknown: 'YQ' }, ...props })

  const byLink = (props: Partial<EnrolCreateProps> = {}) => (page: PageContext) => enrolCreatePage(page, { email, choices: [here, elsewhere], keeper: place, ...props })
  const notByLink = (reason: NotCreated, props: Partial<EnrolNotCreatedProps> = {}) => (page: PageContext) =>
    enrolNotCreatedPage(page, { reason, choices: [here, elsewhere], next: { kind: 'app', url: 'https://shop.example.com/' }, ...props })

  return {
    'account-enrol-create': byLink(),
    'account-enrol-create-elsewhere': byLink({ choices: [elsewhere, here] }),
    'account-enrol-closed': notByLink('closed', { choices: [here] }),
    'account-enrol-failed': notByLink('failed'),
    'account-enrol-exists': notByLink('exists', { choices: [] }),
    'account-enrol-key': notByLink('key_refused', { place: 'elsewhere' }),
    'account-enrol-not-elsewhere': notByLink('not_elsewhere', { choices: [here], signal: { rpId: 'localhost', unknown: 'YQ' } }),
    'passkey-create': offer({ neverButton: true }),
    'passkey-create-here-only': offer({ choices: [here] }),
    'passkey-create-elsewhere': offer({ choices: [elsewhere] }),
    'passkey-create-elsewhere-first': offer({ choices: [elsewhere, here], neverButton: true }),
    'passkey-create-automatic': offer({ auto: '/interaction/abc/passkey-create' }),
    'passkey-create-after-phone': offer({ after: 'phone' }),
    'passkey-create-after-key': offer({ after: 'key', neverButton: true }),
    'passkey-create-second': offer({ choices: [elsewhere], second: true }),
    'passkey-create-step-up': offer({ notNow: false, stepUp: true, besides: { ways: [], together: false } }),
    'passkey-create-recovery': offer({ recovery: true, besides: { ways: ['email_otp', 'totp'], together: true } }),
    'sign-up-passkey': signUp(),
    'sign-up-passkey-elsewhere': signUp({ choices: [elsewhere] }),
    'sign-up-passkey-automatic': signUp({ auto: '/interaction/abc/passkey-create' }),

    'passkey-created': made({ storedIn: place, synced: true, icon: 'cloud' }),
    'passkey-created-phone': made({ storedIn: place, synced: true, icon: 'cloud', place: 'elsewhere' }),
    'passkey-created-device': made({ besides: { ways: [...otherMethods], together: false } }),
    'passkey-created-device-add': made({ besides: { ways: ['email_otp'], together: false }, canAdd: true }),
    'passkey-created-device-two': made({ besides: { ways: ['email_otp', 'totp'], together: true } }),
    'passkey-created-device-only': made({ besides: { ways: [], together: false }, canAdd: true }),
    'passkey-created-key': made({ icon: 'key', place: 'elsewhere', canAdd: true }),
    'passkey-name': (page) => passkeyNamePage(page, { value: name }),
    'passkey-name-wrong': (page) => passkeyNamePage(page, { value: '', error: 'empty' }),
    'passkey-name-wrong-long': (page) => passkeyNamePage(page, { value: name.repeat(9), error: 'long' }),

    'passkey-not-created': notMade('closed', { place: 'here' }),
    'passkey-not-created-failed': notMade('failed', { choices: [here] }),
    'passkey-not-created-nowhere': notMade('nowhere', { choices: [] }),
    'passkey-not-created-exists': notMade('exists', { choices: [], name, createdAt: '3 Feb 2026' }),
    'passkey-not-created-exists-key': notMade('exists', { choices: [], place: 'elsewhere' }),
    'passkey-not-created-required': notMade('failed', { choices: [here], required: true }),
    'passkey-not-created-exists-required': notMade('exists', { choices: [], required: true }),
    'passkey-not-created-key': notMade('key_refused', { place: 'elsewhere' }),
    'passkey-not-created-key-only': notMade('key_refused', { place: 'elsewhere', choices: [elsewhere] }),
    'passkey-not-created-not-here': notMade('not_here', { choices: [elsewhere] }),
    'passkey-not-created-not-elsewhere': notMade('not_elsewhere', { choices: [here] }),
    'passkey-not-created-not-elsewhere-nowhere': notMade('not_elsewhere', { choices: [] }),
    ...Object.fromEntries(platforms.map((platform) => [`passkey-not-created-${platform}`, notMade('no_verification', { platform, place: 'here' })])),
    'sign-up-passkey-not-created': notMade('closed', { choices: [here], signUp: true }),
    'sign-up-passkey-not-created-not-here': notMade('not_here', { choices: [elsewhere], signUp: true }),
  }
}
