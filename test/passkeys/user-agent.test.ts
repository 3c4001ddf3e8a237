import test from 'ava'
import { describeUserAgent } from '../../src/passkeys/index.ts'
import fc from '../helpers/property.ts'

const chromeOnWindows =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
const webKit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'
const iPhone = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) ${webKit}`
const android = 'Mozilla/5.0 (Linux; Android 15; Pixel 9'
const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36'

const known: [string, { label: string; inApp?: boolean }][] = [
  [chromeOnWindows, { label: 'Chrome on Windows' }],
  [`${chromeOnWindows} Edg/140.0.0.0`, { label: 'Edge on Windows' }],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', { label: 'Firefox on Linux' }],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${webKit} Version/18.5 Safari/605.1.15`, { label: 'Safari on Mac' }],
  [`${iPhone} Version/18.5 Mobile/15E148 Safari/604.1`, { label: 'Safari on iPhone' }],
  [`${iPhone} CriOS/140.0 Mobile/15E148 Safari/604.1`, { label: 'Chrome on iPhone' }],
  [`Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) ${webKit} Version/17.5 Mobile/15E148 Safari/604.1`, { label: 'Safari on iPad' }],
  [`${android}) ${chrome}`, { label: 'Chrome on Android' }],
  [`${android}; wv) ${chrome}`, { label: 'Chrome on Android', inApp: true }],
  [`${iPhone} Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]`, { label: 'Safari on iPhone', inApp: true }],
  [`${iPhone} Mobile/15E148 Instagram 390.0`, { label: 'Safari on iPhone', inApp: true }],
  [`${iPhone} Mobile/15E148`, { label: 'Safari on iPhone', inApp: true }],
]

for (const [userAgent, { label, inApp = false }] of known) {
  test(userAgent, (t) => {
    const described = describeUserAgent(userAgent)
    t.is(described.label, label)
    t.is(described.inApp, inApp)
  })
}

test('no user agent has a name too', (t) => {
  t.deepEqual(describeUserAgent(''), { label: 'Unknown browser', browser: '', platform: '', inApp: false })
})

test('a name that is none of a browser never reaches a page or a mail', (t) => {
  const words = 'Support 1-800-555-0199 calls back on weekdays'
  for (const text of [`${words}/1.0 (x)`, `${words}/1.0`, `Mozilla/5.0 (${words}) ${words}/1.0`, `${chromeOnWindows} ${words}/1.0`]) {
    t.notRegex(describeUserAgent(text).label, /support|800|calls/i, text)
  }
  t.is(describeUserAgent(`${words}/1.0 (x)`).label, 'Unknown browser')
})

test('any text is described, the same each time', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 2000 }), fc.constantFrom('__proto__', 'x'.repeat(100_000))), (text) => {
        const described = describeUserAgent(text)
        return described.label.length > 0 && described === describeUserAgent(text)
      }),
      { numRuns: 300 },
    ),
  )
})
