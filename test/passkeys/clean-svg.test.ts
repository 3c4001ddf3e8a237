import test from 'ava'
import { cleanSvg } from '../../src/passkeys/clean-svg.ts'

const shape = '<path d="M0 0h24v24z"/>'
const svg = (inside: string, attributes = '') => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"${attributes}>${inside}</svg>`
const kept = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h24v24z"/></svg>'

/** What nobody may find in a cleaned picture, however it was spelled. */
const forbidden = /script|onload|onclick|onbegin|javascript|https?:(?!\/\/www\.w3\.org\/2000\/svg")|data:|style|foreign|<a\b|image|@import|&(?!amp;|lt;|gt;|quot;)|<!|<\?|url\((?!#)/i

const many = (one: (n: number) => string, between: string, count: number): string => Array.from({ length: count }, (_, n) => one(n)).join(between)

/** Of each, only the shape stays. */
const attacks: Record<string, string> = {
  'a script': svg(`<script>alert(1)</script>${shape}`),
  'a script with a prefix': svg(`<svg:script xmlns:svg="http://www.w3.org/2000/svg">alert(1)</svg:script>${shape}`),
  'a script in CDATA': svg(`<script><![CDATA[alert(1)]]></script>${shape}`),
  'a script from elsewhere': svg(`<script href="https://evil.example/x.js"/>${shape}`),
  'a handler on the root': svg(shape, ' onload="alert(1)"'),
  'a handler on a shape, in odd case': svg('<path d="M0 0h24v24z" oNcLiCk="alert(1)"/>'),
  'a page inside': svg(`<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>${shape}`),
  'a link that runs': svg(`<a href="javascript:alert(1)"><text>x</text></a>${shape}`),
  'an image from elsewhere': svg(`<image href="https://evil.example/track.png" width="1" height="1"/>${shape}`),
  'an image in itself': svg(`<image xlink:href="data:image/svg+xml;base64,PHN2Zy8+" xmlns:xlink="http://www.w3.org/1999/xlink"/>${shape}`),
  'a repeat of something elsewhere': svg(`<use href="https://evil.example/x.svg#a"/>${shape}`),
  'a repeat that runs': svg(`<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="data:image/svg+xml;base64,PHN2Zy8+#x"/>${shape}`),
  'a fill from elsewhere': svg('<path d="M0 0h24v24z" fill="url(https://evil.example/x.svg#a)"/>'),
  'a fill spelled with escapes': svg('<path d="M0 0h24v24z" style="fill:\\75rl(https://evil.example/)"/>'),
  'a style that loads': svg(`<style>@import url(https://evil.example/x.css);</style>${shape}`),
  'a style with a font': svg(`<style>@font-face{font-family:x;src:url(https://evil.example/x.woff)}</style>${shape}`),
  'a style attribute that loads': svg('<path d="M0 0h24v24z" style="background:url(https://evil.example/);cursor:url(//evil.example/),auto"/>'),
  'a class that loads': svg('<style>.a{fill:url(//evil.example/x#a);behavior:url(#x)}</style><path class="a" d="M0 0h24v24z"/>'),
  'an animation that sets a link': svg(`<animate attributeName="href" values="javascript:alert(1)" onbegin="alert(1)"/><set attributeName="onload" to="alert(1)"/>${shape}`),
  'a filter that loads': svg(`<filter id="f"><feImage href="https://evil.example/x.png"/></filter>${shape}`),
  'a style sheet before the picture': `<?xml version="1.0"?><?xml-stylesheet href="https://evil.example/x.css"?>${svg(shape)}`,
  'a document type from elsewhere': `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "https://evil.example/svg.dtd">${svg(shape)}`,
  'a script written with entities': svg(`<text>&lt;script&gt;alert(1)&lt;/script&gt;</text>${shape}`),
  'an attribute that ends its quotes': svg(`<path d="M0 0h24v24z" id="x&quot; onload=&quot;alert(1)"/>`),
  'words of another kind': svg(`<metadata><x:y xmlns:x="https://evil.example/">x</x:y></metadata><title>x</title><desc>x</desc>${shape}`),
  'an other picture inside': svg(`<svg onload="alert(1)"><script>alert(1)</script></svg>${shape}`),
}

for (const [name, attack] of Object.entries(attacks)) {
  test(`only the shape stays of ${name}`, (t) => {
    const cleaned = cleanSvg(attack)
    t.is(cleaned, kept)
    t.notRegex(cleaned ?? '', forbidden)
  })
}

const refused: Record<string, string> = {
  'entities of its own': `<!DOCTYPE svg [<!ENTITY x "<script>alert(1)</script>">]>${svg(`&x;${shape}`)}`,
  'entities that grow': `<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${svg(`<text>&b;</text>${shape}`)}`,
  'an entity that nobody explained': svg(`<text>&nbsp;</text>${shape}`),
  'a document that never ends': '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/>',
  'tags that cross': svg(`<g><defs></g></defs>${shape}`),
  'an attribute twice': svg('<path d="M0 0" d="M1 1"/>'),
  'an attribute without quotes': svg('<path d=M0/>'),
  'two roots': svg(shape) + svg(shape),
  'words beside the root': `${svg(shape)}<script>alert(1)</script>`,
  'a page': `<html><body>${svg(shape)}</body></html>`,
  'a page after the picture': `${svg(shape)}<html/>`,
  'nothing that is drawn': svg('<script>alert(1)</script>'),
  'control characters': svg(`<text>\u0000</text>${shape}`),
  'control characters by number': svg(`<text>&#0;</text>${shape}`),
  'a hole too deep': svg('<g>'.repeat(60) + shape + '</g>'.repeat(60)),
  'too many shapes': svg(shape.repeat(1_001)),
  'too many characters': svg(`<path d="${'M0 0 '.repeat(50_000)}"/>`),
  'a rule for too many classes': svg(`<style>${many((n) => `.a${n}`, ',', 1_001)}{fill:red}</style>${shape}`),
  'too many rules': svg(`<style>${many((n) => `.a${n}{fill:red}`, '', 1_001)}</style>${shape}`),
  'too many rules in many styles': svg(many((n) => `<style>.a${n}{fill:red}.b${n},.c${n}{fill:red}</style>`, '', 400) + shape),
  'a comment that never ends': svg(`<!-- ${shape}`),
  'nothing': '',
  'no markup': 'a picture',
  'a PNG': '\u0089PNG\r\n\u001a\n',
}

for (const [name, attack] of Object.entries(refused)) {
  test(`there is no picture in ${name}`, (t) => t.is(cleanSvg(attack), undefined))
}

test('what a picture repeats is repeated plainly, and not too often', (t) => {
  const levels = Array.from({ length: 20 }, (_, level) => `<g id="l${level + 1}">${`<use href="#l${level}"/>`.repeat(10)}</g>`).join('')
  const tower = cleanSvg(svg(`<defs><g id="l0">${shape}</g>${levels}</defs><use href="#l20"/>`)) ?? ''
  t.is(tower.match(/<use/g)?.length, 10, 'those of the plain group alone')
  t.is(cleanSvg(svg(`<g id="me">${shape}<use href="#me"/></g>`))?.includes('<use'), false)
  t.is(cleanSvg(svg(`<g id="a">${shape}</g>${'<use href="#a"/>'.repeat(500)}`))?.match(/<use/g)?.length, 20)

  const masks = Array.from({ length: 20 }, (_, level) => `<mask id="m${level}">${`<rect width="9" height="9" mask="url(#m${level + 1})"/>`.repeat(9)}</mask>`).join('')
  t.is(cleanSvg(svg(`${masks}<path d="M0 0" mask="url(#m0)"/>`))?.match(/ mask=/g)?.length, 1)
  const clipped = `<clipPath id="c0"><use href="#g1"/></clipPath><g id="g1" clip-path="url(#c1)">${shape}</g><clipPath id="c1">${shape}</clipPath><path d="M0 0" clip-path="url(#c0)"/>`
  t.is(cleanSvg(svg(clipped))?.includes('<use'), false, 'nor by way of a clip')
})

test('what pictures are made of stays: gradients, clips, groups; styles become attributes', (t) => {
  const drawn = `<?xml version="1.0" encoding="UTF-8"?>
<!-- by hand --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" id="Layer_1" width="24px" height='24px'>
  <defs>
    <style><![CDATA[ /* x */ .a, .b { fill: #0078d4; stroke-width: 0px } .b{fill:url('#g')} rect{fill:red} ]]></style>
    <linearGradient id="g" x1="0" x2="24" gradientUnits="userSpaceOnUse" gradientTransform="matrix(1, 0, 0, -1, 0, 266)"><stop offset="0" stop-color="#fff"/><stop offset=".5" style="stop-color:rgb(1, 2, 3);stop-opacity:.5"/></linearGradient>
    <clipPath id="p"><rect width="24" height="24"/></clipPath>
  </defs>
  <g clip-path="url(#p)" fill="none"><path class="a" fill="red" d="m1 1-2e-1,3z"/><circle class="b" cx="1" cy="1" r="1" style="stroke:#ABCDEF"/></g>
</svg>`
  t.is(
    cleanSvg(drawn),
    '<svg xmlns="http://www.w3.org/2000/svg" width="24px" height="24px" viewBox="0 0 24 24">' +
      '<defs><linearGradient id="g" x1="0" x2="24" gradientUnits="userSpaceOnUse" gradientTransform="matrix(1, 0, 0, -1, 0, 266)"><stop offset="0" stop-color="#fff"/><stop offset=".5" stop-color="rgb(1, 2, 3)" stop-opacity=".5"/></linearGradient>' +
      '<clipPath id="p"><rect width="24" height="24"/></clipPath></defs>' +
      '<g clip-path="url(#p)" fill="none"><path fill="#0078d4" d="m1 1-2e-1,3z" stroke-width="0px"/><circle cx="1" cy="1" r="1" fill="url(\'#g\')" stroke-width="0px" stroke="#ABCDEF"/></g></svg>',
  )
})

test('colours come from the picture itself, whatever quotes say', (t) => {
  const gradient = (href: string) => `<linearGradient id="g"${href}/>`
  const at = (href: string) => cleanSvg(svg(gradient(` href="${href}"`) + shape))
  t.is(at('#other'), svg(gradient(' href="#other"') + shape))
  for (const elsewhere of ['https://evil.example/x.svg#a', '//evil.example/#a', 'x.svg#a', 'data:image/svg+xml,x#a', '#a&quot;x']) t.is(at(elsewhere), svg(gradient('') + shape), elsewhere)
  t.is(cleanSvg(svg('<path d="M0 0" style="fill:url(&quot;#g&quot;)"/>')), svg('<path d="M0 0" fill="url(&quot;#g&quot;)"/>'))
})

test('cleaning what is clean changes nothing', (t) => {
  for (const attack of [...Object.values(attacks), svg(`<defs><g id="a">${shape}</g></defs><use href="#a" x="3"/>`)]) {
    const once = cleanSvg(attack) ?? ''
    t.is(cleanSvg(once), once)
  }
})

test('a picture that is made to be slow is not', (t) => {
  const started = performance.now()
  const blanks = ' '.repeat(90_000)
  for (const text of [
    svg(`<path${blanks}d="M0 0"`),
    svg(`<path d="M0 0" transform="${'rotate(1) '.repeat(9_000)}x"/>`),
    svg(`<path d="M0 0" transform="${blanks}${'rotate(1)'}${blanks}x"/>`),
    svg(`<path d="M0 0" fill="rgb(${'1,'.repeat(40_000)}"/>`),
    svg(`<!--${'-'.repeat(90_000)}`),
    svg(`<![CDATA[${']'.repeat(90_000)}`),
    svg(`<style>${'/*'.repeat(40_000)}</style>`),
    svg(`<style>.a${blanks}x{}${'}'.repeat(50_000)}</style>`),
    svg(`<style>${many((n) => `.a${n}`, ',', 1_000)}{${many((n) => `p${n}:x`, ';', 20_000)}}</style>${shape}`),
    svg(`<style>.a{${many((n) => `p${n}:x`, ';', 1_000)}}</style>${`<path class="${'a '.repeat(70)}" d="M0 0"/>`.repeat(990)}`),
    '<'.repeat(90_000),
    '<a '.repeat(30_000),
    svg('&'.repeat(90_000)),
  ]) cleanSvg(text)
  t.true(performance.now() - started < 2_000)
})
