/** The cross-device policy, cell by cell, against tables in words: what people, browsers and server do under each strategy. */
import test from 'ava'
import {
  creationAt, creationPlaces, crossDeviceSettings, isUsableHere, judgeAnswer, placeOf, signInHints, signInOffer, transportsAsked, type CrossDevice, type Place, type Reachable,
} from '../../src/policy/cross-device.ts'

/** Rows of words in columns that are parted by `|`; the first row names them. */
function table(text: string): Record<string, string>[] {
  const [head = [], ...rows] = text.trim().split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
}

type Words = Record<string, string>
/** The one row that says something about these words; `any` in a row stands for each. */
function rowOf(rows: Words[], words: Words): Words {
  const found = rows.filter((row) => Object.entries(words).every(([name, word]) => row[name] === word || row[name] === 'any'))
  if (found.length !== 1) throw new Error(`${found.length} rows are about ${JSON.stringify(words)}`)
  return found[0]!
}

const devices = ['laptop', 'phone'] as const
const asks = ['the sign-in', 'the guard'] as const
const ceremonies = ['sign_up', 'adding', 'sign_in'] as const
const attachments = ['absent', 'platform', 'cross-platform'] as const
const yesNo = (word: string | undefined) => word === 'yes'

// ------------------------------------------------------------------------------------------------ where an answer came from

/** The attachment of an answer says it. Where a browser leaves it out, transports that can only mean one place do. */
const whereFrom = table(`
  transports            | absent    | platform | cross-platform | usable under minimize
  none                  | unknown   | here     | elsewhere      | if made by the platform
  internal              | here      | here     | elsewhere      | yes
  hybrid                | elsewhere | here     | elsewhere      | no
  usb                   | elsewhere | here     | elsewhere      | no
  nfc                   | elsewhere | here     | elsewhere      | no
  ble                   | elsewhere | here     | elsewhere      | no
  smart-card            | elsewhere | here     | elsewhere      | no
  internal hybrid       | unknown   | here     | elsewhere      | yes
  hybrid internal       | unknown   | here     | elsewhere      | yes
  usb nfc               | elsewhere | here     | elsewhere      | no
  usb nfc ble hybrid    | elsewhere | here     | elsewhere      | no
  internal usb          | unknown   | here     | elsewhere      | yes
  some-day              | elsewhere | here     | elsewhere      | no
`)

const transportsOf = (row: Words): string[] => (row.transports === 'none' ? [] : row.transports!.split(' '))
const answerOf = (row: Words, attachment: (typeof attachments)[number]): Reachable => ({ transports: transportsOf(row), ...(attachment !== 'absent' && { attachment }) })

// ------------------------------------------------------------------------------------------------------ what the server says

/** What becomes of an answer from each place. `noted`: taken, and the audit log says what was odd. */
const verdicts = table(`
  strategy | ceremony | device | asked by    | here                | elsewhere                 | unknown
  minimize | sign_up  | any    | any         | taken               | refused: not on others    | noted
  minimize | adding   | any    | any         | taken               | refused: not on others    | noted
  minimize | sign_in  | any    | the sign-in | taken               | refused: not on others    | noted
  minimize | sign_in  | any    | the guard   | taken               | taken                     | noted
  standard | sign_up  | any    | any         | taken               | noted                     | noted
  standard | adding   | any    | any         | taken               | taken                     | noted
  standard | sign_in  | any    | any         | taken               | taken                     | noted
  maximize | sign_up  | laptop | any         | refused: not on it  | taken                     | noted
  maximize | sign_up  | phone  | any         | taken               | taken                     | noted
  maximize | adding   | any    | any         | taken               | taken                     | noted
  maximize | sign_in  | any    | any         | taken               | taken                     | noted
`)

function inWords(verdict: ReturnType<typeof judgeAnswer>): string {
  if (!verdict.ok) return verdict.reason === 'not_elsewhere' ? 'refused: not on others' : 'refused: not on it'
  return verdict.note === undefined ? 'taken' : 'noted'
}

for (const strategy of crossDeviceSettings) {
  for (const ceremony of ceremonies) {
    test(`${strategy}, ${ceremony}: each answer is taken, noted or refused as the table has it`, (t) => {
      let cells = 0
      for (const row of whereFrom) for (const attachment of attachments) for (const device of devices) for (const by of asks) for (const marked of [true, false]) {
        const place = row[attachment]!
        const expected = rowOf(verdicts, { strategy, ceremony, device, 'asked by': by })[place]
        const verdict = judgeAnswer(strategy, ceremony, answerOf(row, attachment), { phone: device === 'phone', guard: by === 'the guard' })
        const cell = `${row.transports}, ${attachment}, ${device}, ${by}, ${marked ? 'known' : 'unknown'} device`
        t.is(inWords(verdict), expected!, cell)
        t.is(verdict.place ?? 'unknown', place as Place, `${cell}: the verdict says where it was`)
        cells += 1
      }
      t.is(cells, 13 * 3 * 2 * 2 * 2)
    })
  }
}

test('where an answer came from: the attachment first, then what the transports leave open', (t) => {
  for (const row of whereFrom) for (const attachment of attachments) {
    t.is(placeOf(answerOf(row, attachment)) ?? 'unknown', row[attachment] as Place, `${row.transports}, ${attachment}`)
  }
})

// ---------------------------------------------------------------------------------------------------- what is offered, asked

/** Where a passkey may be made, the place that leads first. */
const creation = table(`
  strategy | ceremony | device | keeps passkeys | places
  minimize | any      | any    | yes            | here
  minimize | any      | any    | no             | nowhere
  standard | sign_up  | any    | yes            | here
  standard | sign_up  | any    | no             | nowhere
  standard | adding   | any    | yes            | here, elsewhere
  standard | adding   | any    | no             | elsewhere
  maximize | sign_up  | laptop | any            | elsewhere
  maximize | adding   | laptop | yes            | elsewhere, here
  maximize | adding   | laptop | no             | elsewhere
  maximize | any      | phone  | yes            | here, elsewhere
  maximize | any      | phone  | no             | elsewhere
`)

for (const strategy of crossDeviceSettings) {
  test(`${strategy}: where a passkey may be made`, (t) => {
    for (const ceremony of ['sign_up', 'adding'] as const) for (const device of devices) for (const keeps of ['yes', 'no']) {
      const expected = rowOf(creation, { strategy, ceremony, device, 'keeps passkeys': keeps }).places
      const places = creationPlaces(strategy, ceremony, { phone: device === 'phone', platform: yesNo(keeps) })
      t.is(places.join(', ') || 'nowhere', expected!, `${ceremony}, ${device}, keeps passkeys: ${keeps}`)
    }
  })

  test(`${strategy}: where one is offered, the server takes it`, (t) => {
    for (const ceremony of ['sign_up', 'adding'] as const) for (const device of devices) for (const platform of [true, false]) {
      const phone = device === 'phone'
      for (const place of creationPlaces(strategy, ceremony, { phone, platform })) {
        const { attachment } = creationAt(place)
        const transports = place === 'here' ? ['internal'] : ['hybrid']
        t.is(inWords(judgeAnswer(strategy, ceremony, { transports, ...(attachment && { attachment }) }, { phone })), 'taken', `${ceremony}, ${device}, ${place}`)
      }
    }
  })
}

test('what the browser is asked for in each place', (t) => {
  t.deepEqual(creationAt('here'), { attachment: 'platform', hints: ['client-device'] })
  t.deepEqual(creationAt('elsewhere'), { attachment: 'cross-platform', hints: ['hybrid', 'security-key'] })
})

/** `mark`: a passkey was used or made in this browser. `tells`: it says by itself when there is none (immediate mode). */
const signIn = table(`
  strategy | asked by    | device | mark | tells | first     | button | other device
  minimize | the sign-in | any    | no   | no    | here      | no     | no
  minimize | the sign-in | any    | no   | yes   | here      | yes    | no
  minimize | the sign-in | any    | yes  | any   | here      | yes    | no
  minimize | the guard   | any    | any  | any   | here      | yes    | yes
  standard | any         | any    | any  | any   | here      | yes    | yes
  maximize | any         | laptop | any  | any   | elsewhere | yes    | yes
  maximize | any         | phone  | any  | any   | here      | yes    | yes
`)

/** What the request says, once it is known which place it is for. `picked`: the person chose it. */
const hints = table(`
  strategy | asked by    | place     | picked | hints
  minimize | the sign-in | any       | any    | client-device
  minimize | the guard   | here      | no     | none
  minimize | the guard   | here      | yes    | client-device
  minimize | the guard   | elsewhere | any    | hybrid, security-key
  standard | any         | here      | no     | none
  standard | any         | here      | yes    | client-device
  standard | any         | elsewhere | any    | hybrid, security-key
  maximize | any         | here      | no     | none
  maximize | any         | here      | yes    | client-device
  maximize | any         | elsewhere | any    | hybrid, security-key
`)

for (const strategy of crossDeviceSettings) {
  test(`${strategy}: what a sign-in offers`, (t) => {
    for (const by of asks) for (const device of devices) for (const mark of ['yes', 'no']) for (const tells of ['yes', 'no']) {
      const expected = rowOf(signIn, { strategy, 'asked by': by, device, mark, tells })
      const offer = signInOffer(strategy, { phone: device === 'phone', marked: yesNo(mark), immediate: yesNo(tells) }, { guard: by === 'the guard' })
      const cell = `${by}, ${device}, mark: ${mark}, tells: ${tells}`
      t.deepEqual(offer, { first: expected.first as Place, button: yesNo(expected.button), elsewhere: yesNo(expected['other device']) }, cell)
    }
  })

  test(`${strategy}: the hints of a sign-in`, (t) => {
    for (const by of asks) for (const place of ['here', 'elsewhere'] as const) for (const picked of ['yes', 'no']) {
      const expected = rowOf(hints, { strategy, 'asked by': by, place, picked }).hints
      t.is(signInHints(strategy, place, { picked: yesNo(picked), guard: by === 'the guard' }).join(', ') || 'none', expected!, `${by}, ${place}, picked: ${picked}`)
    }
  })

  test(`${strategy}: the transports that are asked, and the passkeys that can be used at all`, (t) => {
    for (const row of whereFrom) {
      const transports = transportsOf(row)
      t.deepEqual(transportsAsked(strategy, transports), strategy === 'minimize' ? ['internal'] : transports)
      t.deepEqual(transportsAsked(strategy, transports, { guard: true }), transports, 'the guard takes a phone whatever the strategy')
      for (const attachment of attachments) {
        const underMinimize = row['usable under minimize'] === 'if made by the platform' ? attachment === 'platform' : yesNo(row['usable under minimize'])
        t.is(isUsableHere(strategy, answerOf(row, attachment)), strategy === 'minimize' ? underMinimize : true, `${row.transports}, ${attachment}`)
      }
    }
  })
}

// ------------------------------------------------------------------------------------------- rows that are easily forgotten

test('an attachment that is absent: the transports decide, and what they leave open passes with a note', (t) => {
  const answer = (...transports: string[]) => judgeAnswer('minimize', 'sign_in', { transports }, { phone: false })
  t.deepEqual(answer('internal'), { ok: true, place: 'here' })
  t.deepEqual(answer('hybrid'), { ok: false, place: 'elsewhere', reason: 'not_elsewhere' })
  for (const open of [answer(), answer('internal', 'hybrid')]) {
    t.true(open.ok)
    t.regex(String(open.ok && open.note), /where the passkey is/)
  }
})

test('on a phone, maximize never hides its own passkey: the phone is what others cross over to', (t) => {
  const phone = { phone: true, platform: true }
  t.is(creationPlaces('maximize', 'sign_up', phone)[0], 'here')
  t.is(creationPlaces('maximize', 'adding', phone)[0], 'here')
  t.is(signInOffer('maximize', { phone: true, marked: false, immediate: false }).first, 'here')
  t.deepEqual(signInHints('maximize', 'here'), [])
  for (const ceremony of ceremonies) t.true(judgeAnswer('maximize', ceremony, { transports: ['internal'], attachment: 'platform' }, { phone: true }).ok)
})

test('a laptop that keeps no passkeys gets no offer at sign-up, and no error', (t) => {
  const bare = { phone: false, platform: false }
  t.deepEqual(creationPlaces('minimize', 'sign_up', bare), [])
  t.deepEqual(creationPlaces('standard', 'sign_up', bare), [])
  t.deepEqual(creationPlaces('minimize', 'adding', bare), [])
})

test('an account whose only passkey is on a phone cannot use it under minimize, and can under the others', (t) => {
  const onPhone: Reachable = { transports: ['hybrid'], attachment: 'cross-platform' }
  t.deepEqual(crossDeviceSettings.map((strategy): [CrossDevice, boolean] => [strategy, isUsableHere(strategy, onPhone)]), [['minimize', false], ['standard', true], ['maximize', true]])
})

test('the enrolment guard may use a phone even under minimize', (t) => {
  const guard = { guard: true }
  t.true(signInOffer('minimize', { phone: false, marked: false, immediate: false }, guard).elsewhere)
  t.deepEqual(signInHints('minimize', 'elsewhere', guard), ['hybrid', 'security-key'])
  t.deepEqual(transportsAsked('minimize', ['hybrid', 'usb'], guard), ['hybrid', 'usb'])
  t.true(judgeAnswer('minimize', 'sign_in', { transports: ['hybrid'], attachment: 'cross-platform' }, { phone: false, ...guard }).ok)
})

test('under minimize no dialog opens where it could only show a QR code', (t) => {
  const bare = { marked: false, immediate: false }
  t.false(signInOffer('minimize', { phone: false, ...bare }).button)
  t.false(signInOffer('minimize', { phone: true, ...bare }).button)
  t.deepEqual(signInHints('minimize', 'elsewhere', { picked: true }), ['client-device'], 'whatever a page was made to ask for')
})

test('under maximize a passkey of the laptop stays a second choice, but for the sign-up', (t) => {
  const laptop = { phone: false, platform: true }
  t.deepEqual(creationPlaces('maximize', 'adding', laptop), ['elsewhere', 'here'])
  t.deepEqual(creationPlaces('maximize', 'sign_up', laptop), ['elsewhere'])
  t.true(judgeAnswer('maximize', 'sign_in', { transports: ['internal'], attachment: 'platform' }, { phone: false }).ok)
})
