import test from 'ava'
import { isOffered, type Rollout } from '../../src/policy/rollout.ts'

const to = (more: Partial<Rollout> = {}): Rollout => ({ percent: 0, clients: [], identifiers: [], ...more })
const ada = { accountId: 'ada', clientId: 'shop', identifiers: ['ada@example.com', '+447911123456', 'ada.lovelace'] }
const many = 100_000

const idsOf: Record<string, (index: number) => string> = {
  'ids that count up, as an import brings them': (index) => `user-${index}`,
  'bare numbers': (index) => String(index),
  'random ids': (index) => Buffer.from(BigUint64Array.of(BigInt(index) * 0x9e3779b97f4a7c15n % 2n ** 64n, BigInt(index)).buffer).toString('base64url'),
}

for (const [what, idOf] of Object.entries(idsOf)) {
  test(`${what}: the share is what was asked for, and who is in stays in when it grows`, (t) => {
    let before = new Set<string>()
    for (const percent of [0, 0.5, 1, 10, 33.3, 50, 90, 99.5, 100]) {
      const inside = new Set(Array.from({ length: many }, (_, index) => idOf(index)).filter((accountId) => isOffered(to({ percent }), { ...ada, accountId, identifiers: [] })))
      t.true(Math.abs((inside.size / many) * 100 - percent) < 1, `${percent} % came out as ${(inside.size / many) * 100} %`)
      t.true([...before].every((id) => inside.has(id)), `somebody fell out at ${percent} %`)
      before = inside
    }
    t.is(before.size, many, 'everybody is in at 100 %')
  })
}

test('nobody is in at 0 %, and the same account is in or out each time', (t) => {
  t.false(isOffered(to(), ada))
  const half = to({ percent: 50 })
  for (const accountId of ['a', 'b', 'c', '', 'ä'.repeat(300)]) t.is(isOffered(half, { ...ada, accountId }), isOffered(half, { ...ada, accountId }))
})

test('apps that are named are the only ones', (t) => {
  t.true(isOffered(to({ percent: 100, clients: ['shop', 'desk'] }), ada))
  t.false(isOffered(to({ percent: 100, clients: ['desk'] }), ada))
  t.false(isOffered(to({ percent: 100, clients: ['Shop'] }), ada), 'a client_id is compared as it is')
})

const named: [string, string[], boolean][] = [
  ['an address', ['ada@example.com'], true],
  ['a number', ['+447911123456'], true],
  ['a username', ['ada.lovelace'], true],
  ['a domain', ['@example.com'], true],
  ['one of several', ['grace@example.org', '@example.com'], true],
  ['another address at the same domain', ['grace@example.com'], false],
  ['a domain below', ['@mail.example.com'], false],
  ['a domain above', ['@com'], false],
  ['a domain that ends alike', ['@ample.com'], false],
  ['a domain without its @', ['example.com'], false],
  ['the beginning of a number', ['+4479'], false],
  ['nothing', [''], false],
]

for (const [what, identifiers, expected] of named) {
  test(`people are named by ${what}, whatever the percentage`, (t) => {
    t.is(isOffered(to({ identifiers }), ada), expected)
    t.false(isOffered(to({ identifiers, clients: ['desk'] }), ada), 'but only where anybody is')
  })
}

test('a domain names nobody who only has a username like it', (t) => {
  t.false(isOffered(to({ identifiers: ['@example.com'] }), { ...ada, identifiers: ['example.com'] }))
})
