import { passesForAnother } from './confusable.ts'
import { looksLikePhone } from './normalise-phone.ts'

export type UsernameNormalisation =
  | { ok: true; value: string; throttleKey: string }
  | { ok: false; reason: 'empty' | 'form' | 'reserved' | 'confusable' }

interface Settings {
  /** for the whole name, without anchors */
  pattern: string
  /** besides `builtIn` */
  reserved: string[]
}

/** Names by which people would take somebody for the service itself, or that other software gives a meaning. */
const builtIn = [
  'abuse', 'account', 'accounts', 'admin', 'administrator', 'admins', 'all', 'anonymous', 'api', 'auth', 'billing', 'contact', 'everybody', 'everyone',
  'false', 'guest', 'help', 'helpdesk', 'hostmaster', 'info', 'latchkey', 'login', 'mail', 'mailer-daemon', 'me', 'mod', 'moderator', 'nobody', 'noreply',
  'null', 'official', 'operator', 'owner', 'postmaster', 'root', 'security', 'self', 'service', 'settings', 'signin', 'signup', 'staff', 'status',
  'superuser', 'support', 'sysadmin', 'system', 'team', 'test', 'true', 'undefined', 'unknown', 'user', 'webmaster', 'www',
]

/** characters, so that a UUID, a hash in hexadecimal and what other systems gave out fit */
const longest = 128
/** Line breaks too: nobody types them. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u
/** What cannot be seen, and what has no meaning yet or only a private one: letter case and forms of those may change. */
const unfit = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/u

/**
 * Reads what a person typed as a username: compatibility forms and letter case do not matter, nor do blanks around it.
 * It never looks like an email address or a phone number, so that one field can take all three.
 */
export function createUsernameNormaliser({ pattern, reserved }: Settings): (text: string, purpose: 'taking' | 'finding') => UsernameNormalisation {
  const allowed = new RegExp(`^(?:${pattern})$`, 'u')
  const taken = new Set([...builtIn, ...reserved].map((name) => bare(fold(name))))

  return (text, purpose) => {
    const value = fold(text)
    if (value === '') return { ok: false, reason: 'empty' }
    if (control.test(text) || unfit.test(text.trim()) || unfit.test(value) || /\s/.test(value) || [...value].length > longest) return { ok: false, reason: 'form' }
    if (value.includes('@') || looksLikePhone(value)) return { ok: false, reason: 'form' }
    if (purpose === 'taking') {
      if (!allowed.test(value)) return { ok: false, reason: 'form' }
      if (readingsOf(bare(value)).some((name) => taken.has(name))) return { ok: false, reason: 'reserved' }
      if (passesForAnother(value)) return { ok: false, reason: 'confusable' }
    }
    return { ok: true, value, throttleKey: value }
  }
}

/** The final sigma is one letter with the other; a Turkish capital i keeps its dot in lower case, where an i has one anyway. */
const fold = (text: string): string => text.normalize('NFKC').trim().toLowerCase().replaceAll('ς', 'σ').replace(/i\u0307+/g, 'i').normalize('NFKC')

/** `A.d-m_ín` is read as `admin`. */
const bare = (name: string): string => name.normalize('NFD').replace(/[\p{Mn}\p{P}]/gu, '')

/** `adm1n` and `r00t` too: a 1 is read as i and as l. */
const readingsOf = (name: string): string[] => {
  const zeros = name.replaceAll('0', 'o')
  return [name, zeros.replaceAll('1', 'i'), zeros.replaceAll('1', 'l')]
}
