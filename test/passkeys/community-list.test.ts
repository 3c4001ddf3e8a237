import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { authenticatorFor, authenticatorPictures, learnAuthenticators, providerLabel, readKeptList } from '../../src/passkeys/index.ts'
import { ListProblem, readCommunityList } from '../../src/passkeys/community-list.ts'
import { keepList } from '../../src/passkeys/kept-list.ts'
import { readPicture } from '../../src/passkeys/picture.ts'

const yubikey = 'cb69481e-8ff7-4039-93ec-0a2729a154a8'
const google = 'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4'

const svgUri = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
const drawing = (colour: string) => svgUri(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><path fill="${colour}" d="M0 0h9v9z"/></svg>`)

/** One pixel. */
const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const pngUri = (bytes: Buffer) => `data:image/png;base64,${bytes.toString('base64')}`

const refusal = (t: ExecutionContext, list: unknown) => t.throws(() => readCommunityList(typeof list === 'string' ? list : JSON.stringify(list)), { instanceOf: ListProblem })?.message ?? ''

async function folder(t: ExecutionContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'latchkey-list-'))
  t.teardown(() => rm(made, { recursive: true }))
  return made
}

test('a list is read: names made plain, pictures cleaned and kept once', (t) => {
  const { list, leftOut } = readCommunityList(JSON.stringify({
    [yubikey.toUpperCase()]: { name: '  YubiKey\u202e 5\nSeries ', icon_light: drawing('red'), icon_dark: drawing('white'), unknown: 1 },
    [google]: { name: 'Google', icon_dark: drawing('red') },
    'bada5566-a7aa-401f-bd96-45619a55120d': { name: 'x'.repeat(500), icon_light: null, icon_dark: pngUri(pixel) },
    'a11a5faa-9f32-4b8c-8c5d-2f7d13e8c942': { name: 'Without' },
  }))
  t.is(leftOut, 0)
  const { light = '', dark = '', name } = list.authenticators[yubikey] ?? {}
  t.is(name, 'YubiKey 5 Series')
  t.not(light, dark)
  t.is(Buffer.from(list.pictures[light] ?? '', 'base64').toString(), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path fill="red" d="M0 0h9v9z"/></svg>')
  t.deepEqual(list.authenticators[google], { name: 'Google', light, dark: light }, 'one picture is for both')
  t.is(list.authenticators['bada5566-a7aa-401f-bd96-45619a55120d']?.name.length, 80)
  t.deepEqual(list.authenticators['a11a5faa-9f32-4b8c-8c5d-2f7d13e8c942'], { name: 'Without' })
  t.is(Object.keys(list.pictures).length, 3)
})

test('pictures that are none are left out, and their authenticators stay', (t) => {
  const wide = Buffer.from(pixel)
  wide.writeUInt32BE(50_000, 16)
  const bad = {
    'a page as SVG': svgUri('<html><script>alert(1)</script></html>'),
    'a page as PNG': `data:image/png;base64,${Buffer.from('<script>alert(1)</script>'.repeat(9)).toString('base64')}`,
    'a PNG as SVG': `data:image/svg+xml;base64,${pixel.toString('base64')}`,
    'another kind': `data:image/gif;base64,${Buffer.from('GIF89a').toString('base64')}`,
    'a page': `data:text/html;base64,${Buffer.from('<script>alert(1)</script>').toString('base64')}`,
    'not base64': 'data:image/svg+xml,<svg/>',
    'an address': 'https://evil.example/x.svg',
    'a PNG of many pixels': pngUri(wide),
    'half a PNG': pngUri(pixel.subarray(0, 30)),
    'too large': pngUri(Buffer.concat([pixel, Buffer.alloc(300_000)])),
  }
  for (const [what, uri] of Object.entries(bad)) {
    t.is(readPicture(uri), undefined, what)
    const { list, leftOut } = readCommunityList(JSON.stringify({ [yubikey]: { name: 'YubiKey', icon_light: uri, icon_dark: drawing('red') } }))
    t.is(leftOut, 1, what)
    t.is(list.authenticators[yubikey]?.light, list.authenticators[yubikey]?.dark, what)
    t.is(Object.keys(list.pictures).length, 1)
  }
  t.deepEqual(readCommunityList(JSON.stringify({ [yubikey]: { name: 'YubiKey', icon_light: 'x' } })).list.authenticators, { [yubikey]: { name: 'YubiKey' } })
})

test('what is no such list is refused as a whole, and the sentence holds nothing that a terminal obeys', (t) => {
  const good = { name: 'x' }
  t.regex(refusal(t, 'no JSON'), /^is not JSON$/)
  t.regex(refusal(t, {}), /^is empty/)
  for (const list of [[], null, 'text', 3, [good], { 'not-an-aaguid': good }, { [yubikey]: 'YubiKey' }, { [yubikey]: {} }, { [yubikey]: { name: 5 } }, { [yubikey]: { name: '' } }, { [yubikey]: { name: '\u200b \n' } }, { [yubikey]: { name: 'x'.repeat(2000) } }, { [yubikey]: { name: 'x', icon_light: {} } }, { [yubikey]: good, [`${yubikey}0`]: good }]) {
    t.regex(refusal(t, JSON.stringify(list)), /^is not such a list: "/, JSON.stringify(list).slice(0, 80))
  }
  const { list } = readCommunityList(`{"__proto__": {"name": "x", "light": "x"}, "${yubikey}": {"name": "x"}}`)
  t.deepEqual(Object.entries(list.authenticators), [[yubikey, { name: 'x' }]])
  t.notRegex(refusal(t, { '\u001b[2J\u0007': good }), /[\u0000-\u001f]/)
})

test('a list is kept whole, in place of the one before, and read again', async (t) => {
  const data = join(await folder(t), 'data')
  t.is(await readKeptList(data), undefined)
  for (const name of ['One', 'Two']) {
    const { list } = readCommunityList(JSON.stringify({ [yubikey]: { name, icon_light: drawing('red') } }))
    await keepList(data, list)
    t.deepEqual(await readKeptList(data), list)
  }
  t.deepEqual(await readdir(data), ['authenticators.json'], 'no drafts')
})

test('a kept list that is damaged is said to be, and nothing of it is used', async (t) => {
  const data = await folder(t)
  const file = join(data, 'authenticators.json')
  const { list } = readCommunityList(JSON.stringify({ [yubikey]: { name: 'YubiKey', icon_light: drawing('red') } }))
  const [picture = ''] = Object.keys(list.pictures)
  const bad = [
    '', '{', '[]', 'null', '{}',
    JSON.stringify({ ...list, version: 2 }),
    JSON.stringify({ ...list, pictures: {} }),
    JSON.stringify({ ...list, pictures: { ...list.pictures, '../../x.svg': 'AAAA' } }),
    JSON.stringify({ ...list, pictures: { [picture]: '<svg>' } }),
    JSON.stringify({ ...list, authenticators: { [yubikey]: { name: 'x', light: 'page.html' } } }),
    JSON.stringify({ ...list, authenticators: { [yubikey]: { name: '' } } }),
  ]
  for (const text of bad) {
    await writeFile(file, text)
    await t.throwsAsync(readKeptList(data), { message: `${file} is damaged` }, text.slice(0, 60))
  }
  await rm(file)
  await mkdir(file)
  await t.throwsAsync(readKeptList(data), { message: `${file} cannot be read (EISDIR)` })
})

test('a list is never written through a link to elsewhere', async (t) => {
  const data = await folder(t)
  const elsewhere = join(await folder(t), 'elsewhere')
  await writeFile(elsewhere, 'as it was')
  await symlink(elsewhere, join(data, 'authenticators.json'))
  await keepList(data, readCommunityList(JSON.stringify({ [yubikey]: { name: 'YubiKey' } })).list)
  t.is(await readFile(elsewhere, 'utf8'), 'as it was')
})

test.serial('what the list knows is added: pictures to ours, names to the unknown', (t) => {
  t.teardown(() => learnAuthenticators(undefined))
  const { list } = readCommunityList(JSON.stringify({
    [yubikey]: { name: 'YubiKey 5 Series', icon_light: drawing('red'), icon_dark: drawing('white') },
    [google]: { name: 'Something else', icon_light: drawing('red') },
    '53414d53-554e-4700-0000-000000000000': { name: 'Samsung Pass' },
  }))
  const names = list.authenticators[yubikey]
  const [light, dark] = [`keeper-${names?.light}`, `keeper-${names?.dark}`]
  learnAuthenticators(list)
  t.deepEqual(authenticatorFor(yubikey), { name: 'YubiKey 5 Series', icon: 'key', picture: { light, dark } })
  t.deepEqual(authenticatorFor(google), { name: 'Google Password Manager', icon: 'cloud', fabric: 'google', picture: { light, dark: light } })
  t.deepEqual(authenticatorFor('53414d53-554e-4700-0000-000000000000'), { name: 'Samsung Pass', icon: 'cloud', fabric: 'samsung' })
  t.deepEqual(Object.keys(authenticatorPictures()).sort(), [light, dark].sort())
  t.is(providerLabel(yubikey), 'other', 'metrics have few labels')

  learnAuthenticators(undefined)
  t.is(authenticatorFor(yubikey), undefined)
  t.deepEqual(authenticatorPictures(), {})
})
