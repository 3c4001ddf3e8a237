import test from 'ava'
import { normaliseEmail } from '../../src/accounts/normalise-email.ts'
import fc from '../helpers/property.ts'

const accepted: [typed: string, value: string, throttleKey?: string][] = [
  ['alice@example.com', 'alice@example.com'],
  ['  Alice@Example.COM ', 'alice@example.com'],
  ['alice+shop+2@example.com', 'alice+shop+2@example.com', 'alice@example.com'],
  ['A.da.Love.lace+shop@googlemail.com', 'a.da.love.lace+shop@googlemail.com', 'adalovelace@gmail.com'],
  ['ada.lovelace@gmail.com', 'ada.lovelace@gmail.com', 'adalovelace@gmail.com'],
  ['ada.lovelace@gmail.example', 'ada.lovelace@gmail.example'],
  ['+tag@example.com', '+tag@example.com'],
  ["o'neil.x_y-z@sub.example.co.uk", "o'neil.x_y-z@sub.example.co.uk"],
  ['ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'alice@example.com'],
  ['\u212Aim@example.com', 'kim@example.com'],
  ['alice@Bücher.example', 'alice@xn--bcher-kva.example'],
  ['alice@bu\u0308cher.example', 'alice@xn--bcher-kva.example'],
  ['alice@faß.example', 'alice@xn--fa-hia.example'],
  ['alice@xn--bcher-kva.example', 'alice@xn--bcher-kva.example'],
  [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
]

for (const [typed, value, throttleKey = value] of accepted) {
  test(`read as ${value}: ${JSON.stringify(typed)}`, (t) => t.deepEqual(normaliseEmail(typed), { ok: true, value, throttleKey }))
}

const refused: [typed: string, reason: 'empty' | 'form' | 'local_part'][] = [
  ['', 'empty'],
  [' \t ', 'empty'],
  ['alice', 'form'],
  ['@example.com', 'form'],
  ['alice@', 'form'],
  ['alice@localhost', 'form'],
  ['alice@127.0.0.1', 'form'],
  ['alice@[127.0.0.1]', 'form'],
  ['alice@0x7f.1', 'form'],
  ['alice@ex%61mple.com', 'form'],
  ['alice@exa\u00ADmple.com', 'form'],
  ['alice@exa\u200Bmple.com', 'form'],
  ['alice@-example.com', 'form'],
  ['alice@example..com', 'form'],
  ['alice@example.com.', 'form'],
  ['alice@xn--a', 'form'],
  ['.alice@example.com', 'form'],
  ['ali..ce@example.com', 'form'],
  ['alice bob@example.com', 'form'],
  ['"alice"@example.com', 'form'],
  ['a@b@example.com', 'form'],
  ['Alice <alice@example.com>', 'form'],
  ['alice@example.com,eve@example.com', 'form'],
  ['alice@example.com\r\nBcc: eve@example.com', 'form'],
  ['alice@example.com\n', 'form'],
  ['alice\u2028@example.com', 'form'],
  ['alice\0@example.com', 'form'],
  ['jürgen@example.com', 'local_part'],
  ['jürgen@localhost', 'form'],
  ['jür gen@example.com', 'form'],
  ['аlice@example.com', 'local_part'], // a Cyrillic look-alike
  ['\u0131da@example.com', 'local_part'], // a dotless i
  [`${'a'.repeat(65)}@example.com`, 'form'],
  [`${'a'.repeat(288)}@example.com`, 'form'],
  [`a@${'b.'.repeat(126)}com`, 'form'],
]

for (const [typed, reason] of refused) {
  test(`refused as ${reason}, ${typed.length} long: ${JSON.stringify(typed.slice(0, 60))}`, (t) => t.deepEqual(normaliseEmail(typed), { ok: false, reason }))
}

const nearAddress = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.emailAddress(),
  fc
    .tuple(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('com', 'ＤＥ', 'рф', 'xn--p1ai'))
    .map(([local, domain, last]) => `${local}@${domain}.${last}`),
)

test('what is accepted is plain ASCII, bounded, and reads as itself', (t) => {
  fc.assert(
    fc.property(nearAddress, (typed) => {
      const read = normaliseEmail(typed)
      if (!read.ok) return
      t.regex(read.value, /^[!-~]+@[a-z0-9.-]+$/)
      t.notRegex(read.value, /[,;:<>()[\]"\\]/)
      t.true(read.value.length <= 254)
      t.deepEqual(normaliseEmail(read.value), read)
    }),
    { numRuns: 500 },
  )
})
