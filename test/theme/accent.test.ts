import test from 'ava'
import { deriveAccent, grounds, type Mode } from '../../src/theme/accent.ts'
import { contrast, parseHex } from '../../src/theme/oklch.ts'
import { themeCss } from '../../src/theme/index.ts'
import fc from '../helpers/property.ts'

const white = '#ffffff'
const ink = '#14171f'
type Expected = [fill: string, on: string, text: string]
const table: [accent: string, light: Expected, dark: Expected][] = [
  ['#3355ff', ['#3355ff', white, '#3355ff'], ['#3355ff', white, '#537bfe']],
  ['#118844', ['#118844', white, '#047e3d'], ['#118844', white, '#2b9752']],
  ['#ffcc00', ['#ac890e', ink, '#856a02'], ['#ffcc00', ink, '#ffcc00']],
  ['#ff6600', ['#ef610b', ink, '#b94800'], ['#ff6600', ink, '#ff6600']],
  ['#ffffff', ['#8c8c8c', ink, '#6c6c6c'], ['#ffffff', ink, '#ffffff']],
  ['#000000', ['#000000', white, '#000000'], ['#666666', white, '#838383']],
]

const far = (a: string, b: string) => Math.max(...parseHex(a).map((channel, i) => Math.abs(channel - (parseHex(b)[i] ?? 0)) * 255))

for (const [accent, light, dark] of table) {
  for (const [mode, [fill, on, text]] of [['light', light], ['dark', dark]] as [Mode, Expected][]) {
    test(`${accent} in ${mode} mode`, (t) => {
      const derived = deriveAccent(accent, mode)
      t.true(far(derived.fill, fill) <= 16, `fill ${derived.fill}, expected about ${fill}`)
      t.true(far(derived.text, text) <= 16, `text ${derived.text}, expected about ${text}`)
      t.is(derived.on, on)
    })
  }
}

const colour = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`)

test('any accent is readable in both modes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(colour, fc.constantFrom<Mode>('light', 'dark'), (accent, mode) => {
        const { fill, on, text } = deriveAccent(accent, mode)
        const { page, surface, sunken } = grounds[mode]
        return (
          contrast(fill, on) >= 4.5 &&
          contrast(fill, page) >= 3 &&
          contrast(fill, surface) >= 3 &&
          [page, surface, sunken].every((ground) => contrast(text, ground) >= 4.5)
        )
      }),
      { numRuns: 300 },
    ),
  )
})

test('an accent that is readable already stays as it is', (t) => {
  t.is(deriveAccent('#3355ff', 'light').moved, 0)
  t.true(deriveAccent('#ffcc00', 'light').moved > 0.1)
})

test('an accent that is no colour gets into no stylesheet', (t) => {
  t.throws(() => themeCss('red;}body{display:none'), { instanceOf: RangeError })
})
