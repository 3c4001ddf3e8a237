import type { Html, PageContext } from '../../views/page.ts'
import type { AccountPageContext } from '../../views/account/frame.ts'
import { passkeyCreatePage, type PasskeyCreateProps } from '../../views/account/passkey-create.ts'
import type { Choice } from '../../views/parts/creation.ts'
import { passkeyRemovePage, type PasskeyRemoveProps } from '../../views/account/passkey-remove.ts'
import { passkeyRenamePage, type PasskeyRenameProps } from '../../views/account/passkey-rename.ts'
import { passkeysOnlyPage, type PasskeysOnlyProps } from '../../views/account/passkeys-only.ts'
import { passkeysPage, type ListedPasskey, type PasskeysProps } from '../../views/account/passkeys.ts'

const at = Date.UTC(2026, 10, 22, 13, 5)
const news = { rpId: 'login.example.com', userId: 'dXNlcg', accepted: ['YQ'], user: { name: 'Maya', displayName: 'Maya' } }
type Drawn = Record<string, (page: PageContext) => Html>

/** The passkeys of an account, and the pages that add, name and remove them, in each of their states. */
export function passkeyAccountSamples({ email, other, name, options }: { email: string; other: string; name: string; options: Choice['options'] }): Drawn {
  const inAccount = (page: PageContext, path: string): AccountPageContext => {
    const { app: _, ...rest } = page
    return { ...rest, base: '/account', path, who: email, signOutUrl: '/session/end' }
  }
  const phone: ListedPasskey = {
    ref: 'a', name, storedIn: 'iCloud Keychain', icon: 'cloud', synced: true, here: true, isDefault: true, paused: false, createdAt: at,
    used: { at, device: 'Chrome on Windows', place: other },
  }
  const laptop: ListedPasskey = { ...phone, ref: 'b', name: 'Windows Hello', storedIn: 'Windows Hello', icon: 'laptop', synced: false, here: false, isDefault: false, used: { at } }
  const unknown: ListedPasskey = { ref: 'c', name: 'Firefox on Linux', synced: true, here: false, isDefault: false, paused: true, createdAt: at }
  const list = (props: Partial<PasskeysProps> = {}) => (page: PageContext) =>
    passkeysPage(inAccount(page, '/account/passkeys'), { passkeys: [phone, laptop, unknown], add: ['here', 'elsewhere'], signal: news, only: false, ...props })
  const create = (props: Partial<PasskeyCreateProps> = {}) => (page: PageContext) =>
    passkeyCreatePage(inAccount(page, '/account/passkey-create'), { choice: { place: 'here', options }, other: true, ...props })
  const rename = (props: Partial<PasskeyRenameProps> = {}) => (page: PageContext) =>
    passkeyRenamePage(inAccount(page, '/account/passkey-rename/a'), { name, value: name, ...props })
  const remove = (props: Partial<PasskeyRemoveProps> = {}) => (page: PageContext) =>
    passkeyRemovePage(inAccount(page, '/account/passkey-remove/a'), { name, last: false, codes: true, left: ['passkey', 'email_otp'], usedHere: true, told: true, ...props })

  const only = (props: Partial<PasskeysOnlyProps> = {}) => (page: PageContext) =>
    passkeysOnlyPage(inAccount(page, '/account/passkeys-only'), { on: false, enough: true, passkeys: 2, codes: 8, canMakeCodes: true, canAdd: true, ...props })

  return {
    'account-passkeys': list(),
    'account-passkeys-none': list({ passkeys: [] }),
    'account-passkeys-phone-first': list({ passkeys: [phone], add: ['elsewhere', 'here'] }),
    'account-passkeys-off': list({ passkeys: [{ ...laptop, name: other, storedIn: 'Google Password Manager' }], add: [], only: true }),
    'account-passkey-create': create(),
    'account-passkey-create-only': create({ other: false }),
    'account-passkey-create-elsewhere': create({ choice: { place: 'elsewhere', options } }),
    'account-passkey-create-closed': create({ failed: { reason: 'closed', place: 'here' } }),
    'account-passkey-create-failed': create({ failed: { reason: 'failed', place: 'elsewhere' }, choice: { place: 'elsewhere', options } }),
    'account-passkey-create-not-elsewhere': create({ failed: { reason: 'not_elsewhere' }, other: false, signal: { rpId: 'login.example.com', unknown: 'YQ' } }),
    'account-passkey-create-key': create({ failed: { reason: 'key_refused', place: 'elsewhere' } }),
    'account-passkeys-only': only(),
    'account-passkeys-only-on': only({ on: true }),
    'account-passkeys-only-missing': only({ enough: false, passkeys: 1, codes: 0 }),
    'account-passkeys-only-off': only({ enough: false, passkeys: 1, codes: 0, canAdd: false }),
    'account-passkeys-only-none': only({ enough: false, passkeys: 0, codes: 3 }),
    'account-passkeys-only-no-codes': only({ enough: false, passkeys: 1, codes: 0, canMakeCodes: false }),
    'account-passkey-rename': rename(),
    'account-passkey-rename-empty': rename({ error: 'empty', value: '' }),
    'account-passkey-rename-long': rename({ error: 'long', value: name.repeat(9) }),
    'account-passkey-remove': remove(),
    'account-passkey-remove-one-left': remove({ left: ['recovery_code'], usedHere: false, told: false }),
    'account-passkey-remove-last': remove({ last: true, left: [] }),
    'account-passkey-remove-last-codes': remove({ last: true, codes: false, left: [] }),
  }
}
