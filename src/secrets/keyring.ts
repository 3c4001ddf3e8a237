import {
  createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, hkdfSync, randomBytes, timingSafeEqual, type KeyObject,
} from 'node:crypto'
import type { JWK } from 'jose'
import { AppError } from '../errors.ts'
import { readOrMakeKeys } from './key-file.ts'
import type { Keys } from './key-file.ts'

/** Every secret of this installation. Keys for single purposes are derived, so that no two uses share one. */
export interface Keyring {
  /** base64url HMAC-SHA-256 of the parts under the purpose's own key; parts are length-prefixed, so ('ab','c') is not ('a','bc') */
  hmac(purpose: string, ...parts: string[]): string
  /**
   * AES-256-GCM under the purpose's own key; base64url of version, nonce, tag and ciphertext. `context` (an id) is bound
   * to it as additional data: what is copied to where it does not belong cannot be opened there.
   */
  seal(purpose: string, plaintext: string, context?: string): string
  /** the plaintext; `AppError('internal')` when it was altered, or sealed for another purpose or context */
  open(purpose: string, sealed: string, context?: string): string
  /** newest first: the first one signs, all verify */
  readonly cookieKeys: string[]
  /** private ES256 and RS256 keys with `kid`, `alg` and `use` */
  readonly jwks: { keys: JWK[] }
}

const format = 1
const nonceLength = 12
const tagLength = 16

/**
 * The keyring of a data folder. The first start makes `keys/keyring.json` (mode 0600), every later one reads it.
 * Throws `StartError` when the folder cannot be written or the file is damaged: new keys are never made over old ones.
 */
export async function openKeyring(dataFolder: string): Promise<Keyring> {
  return createKeyring(await readOrMakeKeys(dataFolder))
}

function createKeyring(keys: Keys): Keyring {
  const macKey = derivation(keys.hmac, 'latchkey hmac')
  const sealKey = derivation(keys.encryption, 'latchkey seal')

  return {
    cookieKeys: keys.cookies,
    jwks: keys.jwks,

    hmac(purpose, ...parts) {
      const mac = createHmac('sha256', macKey(purpose))
      for (const part of parts) {
        const bytes = Buffer.from(part)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        mac.update(length).update(bytes)
      }
      return mac.digest('base64url')
    },

    seal(purpose, plaintext, context = '') {
      const nonce = randomBytes(nonceLength)
      const cipher = createCipheriv('aes-256-gcm', sealKey(purpose), nonce)
      cipher.setAAD(Buffer.from(context))
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')
    },

    open(purpose, sealed, context = '') {
      try {
        const bytes = Buffer.from(sealed, 'base64url')
        const [nonceEnd, tagEnd] = [1 + nonceLength, 1 + nonceLength + tagLength]
        if (bytes[0] !== format) throw new Error('unknown format')
        const decipher = createDecipheriv('aes-256-gcm', sealKey(purpose), bytes.subarray(1, nonceEnd), { authTagLength: tagLength })
        decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(nonceEnd, tagEnd))
        return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AppError('internal', `a sealed value (${purpose}) was altered, or sealed with another key`, { cause })
      }
    },
  }
}

/** base64url SHA-256: the stored form of an identifier that opens something */
export function hashId(value: string): string {
  return hash('sha256', value, 'base64url')
}

/** base64url of random bytes, 16 (128 bits) by default */
export function randomId(bytes = 16): string {
  return randomBytes(bytes).toString('base64url')
}

/** Whether two secrets are equal, in a time that tells nothing about where, or in length, they differ. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (value: string) => hash('sha256', value, 'buffer')
  return timingSafeEqual(digest(a), digest(b))
}

/**
 * A key per purpose by HKDF (RFC 5869). Purposes are names in our code, so the cache stays small. Key objects, since an
 * HMAC with a raw key takes seven times as long.
 */
function derivation(master: string, use: string): (purpose: string) => KeyObject {
  const cache = new Map<string, KeyObject>()
  return (purpose) => {
    const known = cache.get(purpose)
    if (known) return known
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', Buffer.from(master, 'base64url'), '', `${use} ${purpose}`, 32)))
    cache.set(purpose, key)
    return key
  }
}
