const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 section 6, without padding: authenticator apps take none. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    for (; bits >= 5; bits -= 5) text += alphabet[(value >>> (bits - 5)) & 31]
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** What people and other systems write: small letters, blanks, dashes and padding do not matter. undefined: not base32. */
export function fromBase32(text: string): Uint8Array | undefined {
  const letters = text.toUpperCase().replace(/[\s-]/g, '').replace(/=+$/, '')
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of letters) {
    const index = alphabet.indexOf(letter)
    if (index === -1) return undefined
    value = ((value << 5) | index) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >>> bits) & 0xff)
  }
  // Letters that make no whole byte, or bits that stand for nothing: something was left out or mistyped.
  return bits >= 5 || (value & ((1 << bits) - 1)) !== 0 ? undefined : Uint8Array.from(bytes)
}
