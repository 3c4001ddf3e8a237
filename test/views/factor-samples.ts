import type { Html, PageContext } from '../../views/page.ts'
import type { AccountPageContext } from '../../views/account/frame.ts'
import { makeCodesPage, saveCodesPage } from '../../views/account/recovery-codes.ts'
import { totpPage, totpRemovePage, type TotpProps } from '../../views/account/totp.ts'

const at = Date.UTC(2026, 10, 22, 13, 5)
const codes = ['4KTP-9WQX', 'WWWW-MMMM', 'JJJJ-2222', 'ABCD-EFGH', 'JKMN-PQRS', 'TUVW-XYZ2', '3456-789A', 'QQQQ-QQQQ', '8H8H-8H8H', 'W9W9-M7M7']
const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const image = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#fff" d="M0 0h8v8H0z"/><path d="M1 1h6v6H1z"/></svg>').toString('base64')}`

/** The pages of the authenticator app and the recovery codes, in each of their states. */
export function factorSamples(who: string): Record<string, (page: PageContext) => Html> {
  const inAccount = (page: PageContext): AccountPageContext => {
    const { app: _, ...rest } = page
    return { ...rest, base: '/account', path: '/account/totp', who, signOutUrl: '/session/end' }
  }
  const totp = (more: Partial<TotpProps> = {}) => (page: PageContext) =>
    totpPage(inAccount(page), { key, uri: `otpauth://totp/Example:ada?secret=${key}&issuer=Example`, qr: image, onPhone: false, ...more })
  return {
    'account-totp': totp(),
    'account-totp-phone': totp({ onPhone: true }),
    'account-totp-wrong': totp({ error: 'wrong' }),
    'account-totp-empty': totp({ error: 'empty' }),
    'account-totp-gone': totp({ error: 'gone' }),
    'account-totp-remove': (page) => totpRemovePage(inAccount(page), { since: at, last: false, left: ['email_otp'], usedHere: true, told: true }),
    'account-totp-remove-last': (page) => totpRemovePage(inAccount(page), { since: at, last: true, left: [], usedHere: true, told: false }),
    'account-codes': (page) => makeCodesPage(inAccount(page), { current: 'none' }),
    'account-codes-few': (page) => makeCodesPage(inAccount(page), { current: '1', left: 3 }),
    'account-codes-shown': (page) => makeCodesPage(inAccount(page), { current: '1', left: 10, shown: true }),
    'account-codes-save': (page) => saveCodesPage(inAccount(page), { codes, replaced: true }),
    'account-codes-not-saved': (page) => saveCodesPage(inAccount(page), { codes, replaced: false, notSaved: true }),
  }
}
