import test from 'ava'
import { createNormaliser, type Refusal } from '../../src/accounts/normalise.ts'
import { unbrokenPhone } from '../../src/accounts/normalise-phone.ts'
import { serverSchema } from '../../src/config/schema.ts'
import type { IdentifierKind } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'

const every: IdentifierKind[] = ['email', 'phone', 'username']
const wide = String.raw`[\p{L}\p{M}\p{Nd}._+-]{1,128}`
const normaliserOf = (identifiers: object) => createNormaliser(serverSchema.parse({ identifiers }).identifiers)
const british = normaliserOf({ phone: { defaultRegion: 'GB' }, username: { reserved: ['The.Boss'] } })
const abroad = normaliserOf({})
const american = normaliserOf({ phone: { defaultRegion: 'US' } })
const worldly = normaliserOf({ username: { pattern: wide } })
const hashes = normaliserOf({ username: { pattern: '[0-9a-f-]{32,128}' } })

type Row = [typed: string, kind: IdentifierKind, value: string, display?: string]
const understood: Record<string, [typeof british, Row[]]> = {
  'one field for everything': [british, [
    ['Ada@Example.com ', 'email', 'ada@example.com'],
    ['ada＠example.com', 'email', 'ada@example.com'],
    ['info@bücher.de', 'email', 'info@xn--bcher-kva.de', 'info@bücher.de'],
    ['07911 123456', 'phone', '+447911123456', '+44 7911 123456'],
    [' Ada ', 'username', 'ada'],
    ['ＡＤＡ', 'username', 'ada'],
    ['007', 'username', '007'],
  ]],
  'a national number': [british, [
    ['(07911) 123-456', 'phone', '+447911123456', '+44 7911 123456'],
    ['07911.123.456', 'phone', '+447911123456', '+44 7911 123456'],
    ['07911‑123–456', 'phone', '+447911123456', '+44 7911 123456'],
    ['０７９１１ １２３４５６', 'phone', '+447911123456', '+44 7911 123456'],
    ['٠٧٩١١ ١٢٣٤٥٦', 'phone', '+447911123456', '+44 7911 123456'],
    ['447911123456', 'phone', '+447911123456', '+44 7911 123456'],
    ['0044 7911 123456', 'phone', '+447911123456', '+44 7911 123456'],
    ['+44 (0)7911 123456', 'phone', '+447911123456', '+44 7911 123456'],
    ['\u202A+44\u00A07911\u00A0123456\u202C', 'phone', '+447911123456', '+44 7911 123456'],
    ['+1 202 555 0143', 'phone', '+12025550143', '+1 202 555 0143'],
  ]],
  'an international number needs no region': [abroad, [
    ['+447911123456', 'phone', '+447911123456', '+44 7911 123456'],
    ['00 44 7911 123456', 'phone', '+447911123456', '+44 7911 123456'],
    ['+54 11 15 2345 6789', 'phone', '+5491123456789', '+54 9 11 2345 6789'],
    ['+390612345678', 'phone', '+390612345678', '+39 06 1234 5678'],
    ['+49 30 901820', 'phone', '+4930901820', '+49 30 901820'],
  ]],
  'two zeros in a country that dials others': [american, [['0044 7911 123456', 'phone', '+447911123456', '+44 7911 123456']]],
  'what other systems give out as names': [hashes, [
    ['550E8400-E29B-41D4-A716-446655440000', 'username', '550e8400-e29b-41d4-a716-446655440000'],
    ['12345678-1234-4123-8123-123456789012', 'username', '12345678-1234-4123-8123-123456789012'],
    ['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'username', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['0'.repeat(128), 'username', '0'.repeat(128)],
  ]],
  'names in one script, whichever': [worldly, [
    ['Jörg', 'username', 'jörg'],
    ['jo\u0308rg', 'username', 'jörg'],
    ['Straße', 'username', 'straße'],
    ['Nguyễn.Văn', 'username', 'nguyễn.văn'],
    ['ẹ́niọlá', 'username', 'ẹ́niọlá'],
    ['Андрей', 'username', 'андрей'],
    ['Пётр2', 'username', 'пётр2'],
    ['Σάς', 'username', 'σάσ'],
    ['ΝΊΚΟΣ', 'username', 'νίκοσ'],
    ['山田太郎', 'username', '山田太郎'],
    ['ルフィ', 'username', 'ルフィ'],
    ['김철수', 'username', '김철수'],
    ['محمد٣', 'username', 'محمد٣'],
    ['דוד', 'username', 'דוד'],
    ['สมชาย', 'username', 'สมชาย'],
    ['𝓪𝓭𝓪', 'username', 'ada'],
    ['İstanbul', 'username', 'istanbul'],
    ['i\u0307\u0307s', 'username', 'is'],
    ['ada+eve', 'username', 'ada+eve'],
  ]],
}

for (const [what, [normaliser, rows]] of Object.entries(understood)) {
  test(`understood: ${what}`, (t) => {
    for (const [typed, kind, value, display = value] of rows) {
      const read = normaliser.read(typed, every)
      t.like(read, { ok: true, kind, value, display }, typed)
      t.like(normaliser.read(typed, [kind]), { ok: true, value }, `${typed}, asked for that alone`)
      t.is(normaliser.display({ kind, value }), display)
    }
  })
}

type Wrong = [typed: string, kinds: IdentifierKind[], reason: Refusal, kind?: IdentifierKind]
const refused: Record<string, [typeof british, Wrong[]]> = {
  'nothing': [british, [['', every, 'empty'], [' \u00A0', ['email'], 'empty', 'email']]],
  'line breaks and control characters, wherever they stand': [worldly, [
    ['ada\n', ['username'], 'form', 'username'],
    ['a\u0000da', ['username'], 'form', 'username'],
    ['+447911\r\n123456', ['phone'], 'form', 'phone'],
    ['+447911123456\n', every, 'form', 'phone'],
    ['ada\u2028', ['username'], 'form', 'username'],
    ['a@b.co\nBcc: x@y.co', every, 'form', 'email'],
  ]],
  'numbers that no code reaches': [british, [
    ['+1 800 FLOWERS', ['phone'], 'form', 'phone'],
    ['07911 123456 ext 5', ['phone'], 'form', 'phone'],
    ['+447911123456;ext=5', ['phone'], 'form', 'phone'],
    ['tel:+447911123456', ['phone'], 'form', 'phone'],
    ['+44 909 879 0000', every, 'form', 'phone'],
    ['+1 900 555 0199', every, 'form', 'phone'],
    ['+44 70 1234 5678', every, 'form', 'phone'],
    ['+44 800 123 4567', every, 'form', 'phone'],
    ['+979 1 2345 6789', every, 'form', 'phone'],
    ['+800 1234 5678', every, 'form', 'phone'],
    ['112', ['phone'], 'form', 'phone'],
    ['+44 7911 12345', every, 'no_such_number', 'phone'],
    ['+1 555 555 5555', every, 'no_such_number', 'phone'],
    ['00 1 555 555 5555', ['phone'], 'no_such_number', 'phone'],
    ['+44 79', every, 'form', 'phone'],
    ['+999 1234 56789', every, 'form', 'phone'],
    ['++447911123456', ['phone'], 'form', 'phone'],
    ['+44+7911123456', ['phone'], 'form', 'phone'],
    ['1'.repeat(41), ['phone'], 'form', 'phone'],
  ]],
  'a national number without a region': [abroad, [['07911 123456', every, 'country', 'phone'], ['12345678', ['phone'], 'country', 'phone']]],
  'what looks like an address or a number, for a name': [worldly, [
    ['a@b', ['username'], 'form', 'username'],
    ['12345678', ['username'], 'form', 'username'],
    ['+4479', ['username'], 'form', 'username'],
    ['2024', ['username'], 'form', 'username'],
    ['12-34-56', ['username'], 'form', 'username'],
    ['٠٧٩١١', ['username'], 'form', 'username'],
  ]],
  'what is not asked for': [british, [['ada', ['email'], 'form', 'email'], ['ada', ['email', 'phone'], 'form'], ['a@b.co', ['phone', 'username'], 'form'], ['07911 123456', ['email'], 'form', 'email'], ['ada', [], 'form']]],
  'names of the service': [british, [
    ...['admin', 'Administrator', 'r00t', 'adm1n', 'he1p', 'a.d-m_in', 'security', 'no-reply', 'no.reply', 'the.boss', 'THEBOSS', 'the_b0ss', 'www', 'me'].map((name): Wrong => [name, every, 'reserved', 'username']),
  ]],
  'names of the service, with marks': [worldly, [['ádmin', ['username'], 'reserved', 'username'], ['róót', ['username'], 'reserved', 'username']]],
  'names that pass for others': [worldly, [
    ...['pаypal', 'сосо', 'ааа', 'tanaka田中', 'ımdb', 'ɑda', 'аda', 'νορ', 'סוס', 'ꭰꭱ', 'მari', 'aда', 'a٣', '٣3محمد', '०००', 'ada\u0338'].map((name): Wrong => [name, ['username'], 'confusable', 'username']),
  ]],
  'names that cannot be seen, or do not exist': [worldly, [
    ...['a\u200Bda', 'a\u200Dda', '\u202Eada', 'a\u00ADda', 'ㅤ', 'a\uFE0Fda', '\uE000', '\u{E0041}', '\u0378'].map((name): Wrong => [name, ['username'], 'form', 'username']),
  ]],
  'what the pattern does not have': [british, [['a b', ['username'], 'form', 'username'], ['ädа', ['username'], 'form', 'username'], ['-ada', ['username'], 'form', 'username'], ['😀', ['username'], 'form', 'username']]],
  'what is too long': [worldly, [['a'.repeat(129), ['username'], 'form', 'username'], [`${'a'.repeat(250)}@b.co`, every, 'form', 'email']]],
}

for (const [what, [normaliser, rows]] of Object.entries(refused)) {
  test(`refused: ${what}`, (t) => {
    for (const [typed, kinds, reason, kind] of rows) t.deepEqual(normaliser.read(typed, kinds), { ok: false, reason, ...(kind && { kind }) }, JSON.stringify(typed))
  })
}

test('a name that was taken under other rules still finds its account', (t) => {
  for (const name of ['admin', 'the.boss', 'ädä', 'сосо', '-ada']) t.like(british.read(name, every, 'finding'), { ok: true, kind: 'username', value: name })
  for (const name of ['a@b', '12345678', 'a\nb', 'a'.repeat(129)]) t.false(british.read(name, ['username'], 'finding').ok, name)
})

test('all ways to write a mailbox share a budget, and every number and name has its own', (t) => {
  t.like(british.read('Ada+news@googlemail.com', every), { throttleKey: 'ada@gmail.com' })
  t.deepEqual(british.recipient({ kind: 'email', value: 'a.da+x@gmail.com' }), { kind: 'email', value: 'a.da+x@gmail.com', throttleKey: 'ada@gmail.com' })
  t.like(british.read('07911 123456', every), { throttleKey: '+447911123456' })
  t.deepEqual(british.recipient({ kind: 'phone', value: '+447911123456' }), { kind: 'phone', value: '+447911123456', throttleKey: '+447911123456' })
  t.deepEqual(british.recipient({ kind: 'username', value: 'ada' }), { kind: 'username', value: 'ada', throttleKey: 'ada' })
})

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('+', '@', '.', '-', '(', ')', ' ', '0', '00', '44', '7911123456', 'ada', 'Ada', 'example.com', 'ß', 'İ', 'Σ', 'ς', 'ａ', '\u0301', '\u0307', '\u200B', '\n', '٣', 'ｰ', 'ﬁ', 'Ǆ', 'ſ', 'K'),
  fc.stringMatching(/^\+?[\d ()./-]{1,18}$/),
)
const typed = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))

test('whatever is typed: what is stored reads as itself, as nothing else, and so does what is shown', (t) => {
  fc.assert(
    fc.property(typed, fc.constantFrom(british, abroad, american, worldly, hashes), fc.constantFrom('taking' as const, 'finding' as const), (text, normaliser, purpose) => {
      const read = normaliser.read(text, every, purpose)
      const alone = every.map((kind) => normaliser.read(text, [kind], purpose)).filter(({ ok }) => ok)
      t.deepEqual(alone, read.ok ? [read] : [], 'one kind at most, and the same one')
      if (!read.ok) return
      t.deepEqual(normaliser.read(read.value, every, purpose), read)
      t.deepEqual(normaliser.read(read.display, every, purpose), read)
      t.notRegex(read.value, /[\p{Cc}\p{Cf}\s]/u)
      t.true(read.value.length <= 256)
      if (read.kind === 'phone') t.regex(read.value, /^\+[1-9]\d{5,14}$/)
    }),
    { numRuns: 10_000 },
  )
})

test('a number that no line ends inside of reads as the number', (t) => {
  t.is(unbrokenPhone('+447911123456'), '+44\u00A07911\u00A0123456')
  for (const number of ['+447911123456', '+12025550143', '+5491123456789', '+818012345678']) t.like(abroad.read(unbrokenPhone(number), ['phone'], 'finding'), { ok: true, value: number })
})
