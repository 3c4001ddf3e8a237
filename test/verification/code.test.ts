import test from 'ava'
import { codeMac, makeCode, readCode } from '../../src/verification/code.ts'

test('codes have their digits, leading zeros included, and every digit in every place is as likely', (t) => {
  const codes = Array.from({ length: 20_000 }, () => makeCode(6))
  t.true(codes.every((code) => /^\d{6}$/.test(code)))
  t.regex(makeCode(8), /^\d{8}$/)
  for (let place = 0; place < 6; place += 1) {
    const counts = Array<number>(10).fill(0)
    for (const code of codes) counts[Number(code[place])]! += 1
    // chi-squared with 9 degrees of freedom: above 60 once in a thousand million places
    const chi = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0)
    t.true(chi < 60, `place ${place}: ${chi}`)
  }
})

test('codes of letters have none that looks like another, every one is as likely, and small ones are right too', (t) => {
  const codes = Array.from({ length: 20_000 }, () => makeCode(6, 'letters'))
  t.true(codes.every((code) => /^[34679CDFGHJKMNPQRTVWXY]{6}$/.test(code)))
  const counts = new Map<string, number>()
  for (const letter of codes.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  const expected = 120_000 / counts.size
  // chi-squared with 21 degrees of freedom: above 95 once in a thousand million runs
  t.true([...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) < 95)
  t.is(counts.size, 22)
  t.is(readCode(' c7f-hj k '), 'C7FHJK')
})

test('what is typed may hold blanks, dashes and full-width digits', (t) => {
  for (const typed of ['419037', ' 419 037 ', '419-037', '419–037', '419\u00A0037', '４１９０３７']) t.is(readCode(typed), '419037')
})

test('a code is bound to all it is good for, and no two bindings run into each other', (t) => {
  const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }
  const binding = { purpose: 'sign_in', cid: 'cid', recipient: 'a@example.com' }
  const macs = [
    codeMac(keyring, binding, '1'),
    codeMac(keyring, binding, '2'),
    codeMac(keyring, { ...binding, purpose: 'sign_up' }, '1'),
    codeMac(keyring, { ...binding, cid: 'cid2' }, '1'),
    codeMac(keyring, { ...binding, recipient: 'b@example.com' }, '1'),
  ]
  t.is(new Set(macs).size, macs.length)
})
