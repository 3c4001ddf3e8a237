import { createPublicKey, hash, KeyObject, verify, webcrypto, type JsonWebKey } from 'node:crypto'
import { isoCrypto } from '@simplewebauthn/server/helpers'

type Key = KeyObject | webcrypto.CryptoKey
const { subtle } = webcrypto

/**
 * The part of Web Crypto that the library uses. In Node each operation is a job of the thread pool, whose way there and
 * back takes more CPU than hashing and ECDSA themselves; so these are done on the spot, and the rest is Node's own.
 */
const promptSubtle = {
  async digest(algorithm: string, data: Uint8Array): Promise<Uint8Array> {
    return hash(nodeName(algorithm), data, 'buffer')
  },

  async importKey(format: 'jwk', key: JsonWebKey, algorithm: { name: string }, extractable: boolean, usages: ['verify']): Promise<Key> {
    if (algorithm.name === 'ECDSA') return createPublicKey({ key, format })
    return subtle.importKey(format, key, algorithm, extractable, usages)
  },

  async verify(algorithm: { name: string; hash?: { name: string } }, key: Key, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
    if (!(key instanceof KeyObject)) return subtle.verify(algorithm, key, signature, data)
    return verify(nodeName(algorithm.hash?.name ?? ''), data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  },
}

/** `SHA-256` -> `sha256` */
const nodeName = (algorithm: string): string => algorithm.replace('-', '').toLowerCase()

/** The library takes `globalThis.crypto` when it first needs it, and keeps it: so it sees ours once, and nobody else does. */
export function lendPromptCrypto(): void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
  if (!own) throw new Error('this Node has no Web Crypto')
  Object.defineProperty(globalThis, 'crypto', { value: { subtle: promptSubtle, getRandomValues: webcrypto.getRandomValues.bind(webcrypto) }, configurable: true })
  try {
    void isoCrypto.digest(new Uint8Array(), -7)
  } finally {
    Object.defineProperty(globalThis, 'crypto', own)
  }
}
