/**
 * Exactly one bare address: no display name, list, group, comment, quoting, blank or control character, so that nothing
 * written into it can become a second recipient or header (RFC 5322, section 3.4).
 */
export function isSingleAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s\p{C}@,;:<>()[\]"\\]+@[^\s\p{C}@,;:<>()[\]"\\]+$/u.test(text)
}

/** One phone number and nothing else, as ITU-T E.164 writes it: `+` and up to 15 digits. */
export function isPhoneNumber(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text)
}
