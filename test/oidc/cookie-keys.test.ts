import test from 'ava'
import { createCookieKeys } from '../../src/oidc/cookie-keys.ts'

const [old, current] = ['an old key of thirty-two characters', 'a new key of thirty-two characters.']

test('signs with the newest key, verifies with all', (t) => {
  const before = createCookieKeys([old])
  const now = createCookieKeys([current, old])
  t.is(now.index('session=a', now.sign('session=a')), 0)
  t.is(now.index('session=a', before.sign('session=a')), 1)
  t.is(before.index('session=a', now.sign('session=a')), -1)
})

test('a value or a signature that was changed in any way is refused', (t) => {
  const keys = createCookieKeys([current])
  const signature = keys.sign('session=a')
  t.true(keys.verify('session=a', signature))
  for (const [data, claimed] of [
    ['session=b', signature],
    ['other=a', signature],
    ['session=a', ''],
    ['session=a', signature.slice(0, -1)],
    ['session=a', `${signature}AAAA`],
    ['session=a', 'é'.repeat(43)],
  ] as const) t.false(keys.verify(data, claimed), `${data} ${claimed}`)
})
