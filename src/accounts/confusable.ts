/**
 * Whether a name could pass for one in another script, by the "highly restrictive" level of UTS 39 (Unicode Security
 * Mechanisms), somewhat stricter: one writing system per name, only scripts in everyday use (UAX 31, table 5), and no
 * name all of whose letters look like Latin ones. The letters are the frequent ones of the consortium's list, which no
 * dependency of ours carries. ASCII is not looked at: there the operator's pattern decides.
 */
export function passesForAnother(name: string): boolean {
  if (/^[\x00-\x7F]*$/.test(name)) return false
  if (hasTwoKindsOfDigits(name)) return true
  const letters = name.replace(/[\x00-\x40\x5B-\x60\x7B-\x7F]/g, '')
  if (latin.test(letters.normalize('NFD'))) return false
  return !systems.some((system) => system.test(letters)) || likeLatin.test(letters.normalize('NFD').replace(/\p{M}/gu, ''))
}

/** Latin letters that are a to z with marks above or below, or that nobody takes for one of those: no dotless i, no long s, no second dot on an i. */
const latin = /^(?:[a-z](?<![ij](?=\u0307))[\u0300-\u030C\u031B\u0323-\u0328\u032D\u032E\u0330\u0331]{0,3}|[ßæœøđðþłħŧŋəɛɔɓɗ][\u0300-\u0304]{0,2})+$/u

const scripts = (...names: string[]): RegExp => new RegExp(`^[${names.map((name) => `\\p{scx=${name}}`).join('')}]+$`, 'u')

const systems = [
  scripts('Han', 'Hiragana', 'Katakana'),
  scripts('Han', 'Hangul'),
  scripts('Han', 'Bopomofo'),
  ...[
    'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Thaana', 'Ethiopic', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya',
    'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer',
  ].map((name) => scripts(name)),
]

/** Lower-case letters and digits of other scripts that look like a to z, 0 to 9. */
const likeLatin = new RegExp(
  `^[${[
    'агезіорсухьѕјһԁԛԝӏѵүҽ', // Cyrillic
    'αηικνορτυω', // Greek
    'աբգզէհյլոռստցօու', // Armenian
    'იოყჿ', // Georgian
    'וןס', // Hebrew
    'اهہەو٠٥۰۵', // Arabic
    '०০৪੦૦୦௦౦೦൦ഠ๐໐༠၀ဝ០ටఠ', // the round ones
    'ㅣㅇ丨一口工', // Hangul and Han
  ].join('')}]+$`,
  'u',
)

/** Digits of two scripts in one name (UTS 39, 5.3). */
function hasTwoKindsOfDigits(name: string): boolean {
  const zeros = new Set<number>()
  for (const [digit] of name.matchAll(/\p{Nd}/gu)) zeros.add(zeroOf(digit.codePointAt(0)!))
  return zeros.size > 1
}

/** Each script has its digits in rows of ten, zero first (Unicode Standard 4.6). */
function zeroOf(digit: number): number {
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(digit - before - 1))) before += 1
  return digit - (before % 10)
}
