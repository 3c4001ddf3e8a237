import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'

/** What `cookies` asks of the keys that sign (the interface of keygrip). */
export interface CookieKeys {
  sign(data: string): string
  verify(data: string, signature: string): boolean
  /** which key made the signature, -1 for none: an older one than the first is then replaced */
  index(data: string, signature: string): number
}

/**
 * HMAC-SHA-256 with keys that are prepared once: keygrip's SHA-1 with raw keys takes 30 µs per look at a cookie, and a
 * sign-in looks at several. Newest key first.
 */
export function createCookieKeys(secrets: string[]): CookieKeys {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)))
  const mac = (data: string, key: (typeof keys)[number]) => createHmac('sha256', key).update(data).digest()

  function index(data: string, signature: string): number {
    const claimed = Buffer.from(signature, 'base64url')
    return keys.findIndex((key) => {
      const made = mac(data, key)
      return claimed.length === made.length && timingSafeEqual(claimed, made)
    })
  }

  return {
    index,
    verify: (data, signature) => index(data, signature) >= 0,
    sign(data) {
      const [newest] = keys
      if (!newest) throw new Error('there is no key to sign cookies with')
      return mac(data, newest).toString('base64url')
    },
  }
}
