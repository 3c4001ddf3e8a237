import { domainToASCII, domainToUnicode } from 'node:url'

/** Latin letters that nobody takes for another one: without dotless i, long s and their like. */
const latin = /^(?!.*[ıĸŀŉſ])[a-z\d\u00DF-\u00F6\u00F8-\u017E-]+$/
/** Writings that do not look like Latin. */
const unlikeLatin = [/^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\d-]+$/u, ...['Hangul', 'Arabic', 'Hebrew', 'Thai', 'Devanagari'].map(inScript)]
/** Writings with letters that look like Latin ones: fit to be shown where the whole domain is written in them. */
const likeLatin = ['Cyrillic', 'Greek'].map(inScript)

function inScript(script: string): RegExp {
  return new RegExp(`^[\\p{scx=${script}}\\d-]+$`, 'u')
}

function isPlain(domain: string): boolean {
  const labels = domain.split('.')
  return labels.every((label) => latin.test(label) || unlikeLatin.some((script) => script.test(label))) || likeLatin.some((script) => labels.every((label) => script.test(label)))
}

/**
 * A stored address as people write it: `info@bücher.de`. Its domain stays in the IDNA form where that could pass for
 * another one. For pages and mails only: it normalises to what is stored.
 */
export function readableEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (!domain.includes('xn--')) return email
  const readable = domainToUnicode(domain)
  return domainToASCII(readable) === domain && isPlain(readable) ? email.slice(0, at + 1) + readable : email
}

/** `m…@example.com`: enough for whoever has several to tell which, before a proof. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, 1)}…${readableEmail(email).slice(at)}`
}
