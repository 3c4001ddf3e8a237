import test from 'ava'
import { fromBase32, toBase32 } from '../../src/verification/base32.ts'
import fc from '../helpers/property.ts'

test('the vectors of RFC 4648 section 10', (t) => {
  const vectors: [string, string][] = [
    ['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI'],
  ]
  for (const [plain, coded] of vectors) {
    t.is(toBase32(Buffer.from(plain)), coded)
    t.is(Buffer.from(fromBase32(coded) ?? []).toString(), plain)
  }
})

test('whatever bytes come back as they were, however people write them', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const text = toBase32(bytes)
      const written = `${text.toLowerCase().replace(/.{4}/g, '$& ').trim()}==`
      return Buffer.from(bytes).equals(fromBase32(text) ?? Buffer.of(0)) && Buffer.from(bytes).equals(fromBase32(written) ?? Buffer.of(0))
    }),
  )
  t.pass()
})

test('what is no base32 is no key', (t) => {
  for (const text of ['M', 'MZX', 'MZXW6Y', '0', '1', 'MZXW8', 'MZ', 'MY=A', 'ä']) t.is(fromBase32(text), undefined, text)
})
