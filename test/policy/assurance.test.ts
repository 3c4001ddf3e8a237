import test from 'ava'
import { answer, assess, ceiling, type Answer, type Requirement, type TokenAcr } from '../../src/policy/assurance.ts'
import { ladder, type Acr, type Method, type Proof } from '../../src/policy/types.ts'
import fc from '../helpers/property.ts'
import { anyProof, anyProofs, minute, noon, proof } from './proofs.ts'

const recovery = 'urn:latchkey:acr:recovery'
const single = 'urn:latchkey:acr:1fa'
const mfa = 'urn:latchkey:acr:mfa'
const phishingResistant = ['pop', 'user', 'mfa']
const seconds = (minutes: number) => (noon - minutes * minute) / 1000

const hadPasskey = { usablePasskey: true }

const levels: [string, Proof[], { acr: TokenAcr; amr: string[]; authTime: number } | undefined][] = [
  ['nothing', [], undefined],
  ['a sign-up in which nothing was proven', [proof('sign_up', 5, { signUp: true })], { acr: '0', amr: [], authTime: seconds(5) }],
  ['a sign-up, and a code later', [proof('sign_up', 9, { signUp: true }), proof('email_otp', 5)], { acr: single, amr: ['otp'], authTime: seconds(5) }],
  ['a recovery code, and a sign-up', [proof('recovery_code', 9), proof('sign_up', 5, { signUp: true })], { acr: recovery, amr: ['otp'], authTime: seconds(9) }],
  ['a code by email', [proof('email_otp', 5)], { acr: single, amr: ['otp'], authTime: seconds(5) }],
  ['a link by email', [proof('email_link', 5)], { acr: single, amr: ['otp'], authTime: seconds(5) }],
  ['a code by text message', [proof('sms_otp', 5)], { acr: single, amr: ['sms'], authTime: seconds(5) }],
  ['a code of an app', [proof('totp', 5)], { acr: single, amr: ['otp'], authTime: seconds(5) }],
  ['a recovery code', [proof('recovery_code', 5)], { acr: recovery, amr: ['otp'], authTime: seconds(5) }],
  ['a passkey', [proof('passkey', 5)], { acr: 'phr', amr: phishingResistant, authTime: seconds(5) }],
  ['two codes by email', [proof('email_otp', 9), proof('email_otp', 5)], { acr: single, amr: ['otp'], authTime: seconds(5) }],
  [
    'codes to two addresses: one kind',
    [proof('email_otp', 9, { identifier: 'email:a@b.c' }), proof('email_link', 5, { identifier: 'email:d@e.f' })],
    { acr: single, amr: ['otp'], authTime: seconds(5) },
  ],
  ['email and text message', [proof('email_otp', 9), proof('sms_otp', 5)], { acr: mfa, amr: ['sms', 'otp', 'mfa'], authTime: seconds(9) }],
  ['email and app', [proof('totp', 9), proof('email_link', 5)], { acr: mfa, amr: ['otp', 'mfa'], authTime: seconds(9) }],
  [
    'all three kinds: the two newest are needed',
    [proof('email_otp', 60), proof('totp', 9), proof('sms_otp', 5)],
    { acr: mfa, amr: ['sms', 'otp', 'mfa'], authTime: seconds(9) },
  ],
  ['email and a recovery code', [proof('email_otp', 9), proof('recovery_code', 5)], { acr: single, amr: ['otp'], authTime: seconds(9) }],
  [
    'code and app by somebody who has a passkey',
    [proof('email_otp', 9, hadPasskey), proof('totp', 5, hadPasskey)],
    { acr: single, amr: ['otp'], authTime: seconds(5) },
  ],
  [
    'a code, then, with a passkey at hand, the app',
    [proof('email_otp', 9), proof('totp', 5, hadPasskey)],
    { acr: single, amr: ['otp'], authTime: seconds(5) },
  ],
  [
    'a code, then a passkey: the passkey needs nothing else',
    [proof('email_otp', 60), proof('passkey', 5)],
    { acr: 'phr', amr: phishingResistant, authTime: seconds(5) },
  ],
  [
    'a passkey, then a code',
    [proof('passkey', 60), proof('email_otp', 5, hadPasskey)],
    { acr: 'phr', amr: phishingResistant, authTime: seconds(60) },
  ],
  [
    'an account made by code, then its passkey in one go',
    [proof('email_otp', 2, { signUp: true }), proof('passkey', 1, { signUp: true })],
    { acr: 'phr', amr: phishingResistant, authTime: seconds(1) },
  ],
]

for (const [title, proofs, expected] of levels) {
  test(`level: ${title}`, (t) => {
    t.deepEqual(assess(proofs), expected)
    t.deepEqual(assess(proofs.toReversed()), expected, 'in whatever order they were recorded')
  })
}

test('a passkey made in the middle of a session raises nothing: it is no proof', (t) => {
  const before = [proof('email_otp', 5)]
  t.is(assess(before)?.acr, single)
  t.is(assess([...before, proof('email_otp', 1, hadPasskey)])?.acr, single)
})

test('proofs of two accounts are never weighed together', (t) => {
  const mixed = [proof('email_otp'), proof('totp', 0, { accountId: 'eve' })]
  t.throws(() => assess(mixed), { message: 'proofs of two accounts' })
  t.throws(() => answer(mixed, plain([]), noon), { message: 'proofs of two accounts' })
})

const plain = (acrValues: string[], more: Partial<Requirement> = {}): Requirement => ({ acrValues, essential: false, ...more })
const essential = (acrValues: string[], more: Partial<Requirement> = {}) => plain(acrValues, { ...more, essential: true })

const code = proof('email_otp', 10)
const passkey = proof('passkey', 10)
const byCode = { acr: single, amr: ['otp'], authTime: seconds(10) }
const byPasskey = { acr: 'phr', amr: phishingResistant, authTime: seconds(10) }

const answers: [string, Proof[], Requirement, unknown][] = [
  ['nothing asked, nothing proven', [], plain([]), { met: false, missing: {} }],
  ['nothing asked, something proven', [code], plain([]), { met: true, ...byCode }],
  ['a recovery code opens what asks for nothing', [proof('recovery_code', 10)], plain([]), { met: true, acr: recovery, amr: ['otp'], authTime: seconds(10) }],
  ['phr asked of a code', [code], plain(['phr']), { met: false, ...byCode, missing: { acr: ['phr'] } }],
  ['phr asked of nobody', [], plain(['phr']), { met: false, missing: { acr: ['phr'] } }],
  ['phr asked of a passkey', [passkey], plain(['phr']), { met: true, ...byPasskey }],
  ['1fa asked of a passkey: what was asked is answered', [passkey], plain([single]), { met: true, ...byPasskey, acr: single }],
  ['the first requested value that is reached', [passkey], plain([mfa, 'phr']), { met: true, ...byPasskey, acr: mfa }],
  ['any requested value is enough', [code], plain(['phr', single]), { met: true, ...byCode }],
  ['1fa asked after passkey and code: the newest that will do', [proof('passkey', 60), code], plain([single]), { met: true, ...byCode }],
  ['1fa asked after two kinds: the newest alone', [proof('email_otp', 60), proof('totp', 10)], plain([single]), { met: true, ...byCode }],
  ['mfa asked after two kinds and a newer passkey', [proof('email_otp', 60), proof('totp', 30), passkey], plain([mfa]), { met: true, ...byPasskey, acr: mfa }],
  [
    'mfa asked after a passkey and two newer kinds',
    [proof('passkey', 60), proof('email_otp', 30), proof('totp', 10)],
    plain([mfa]),
    { met: true, acr: mfa, amr: ['otp', 'mfa'], authTime: seconds(30) },
  ],
  ['phrh or phr asked of a passkey', [passkey], essential(['phrh', 'phr']), { met: true, ...byPasskey }],
  ['only phrh asked: answered with the truth', [passkey], plain(['phrh']), { met: true, ...byPasskey }],
  ['only phrh, essential: nobody can', [passkey], essential(['phrh']), { met: false, ...byPasskey, missing: { acr: [] } }],
  ['an unknown value: answered with the truth', [code], plain(['urn:other:gold']), { met: true, ...byCode }],
  ['an unknown value, essential: nobody can', [code], essential(['urn:other:gold']), { met: false, ...byCode, missing: { acr: [] } }],
  ['a prototype name is an unknown value', [code], essential(['constructor']), { met: false, ...byCode, missing: { acr: [] } }],
  ['an unknown value beside one that is missing', [code], plain(['urn:other:gold', 'phr']), { met: false, ...byCode, missing: { acr: ['phr'] } }],
  ['the client wants more than the request', [code], plain([single], { minimumAcr: 'phr' }), { met: false, ...byCode, missing: { acr: ['phr'] } }],
  ['the client wants something, the request nothing', [code], plain([], { minimumAcr: mfa }), { met: false, ...byCode, missing: { acr: [mfa] } }],
  ['client and request are met', [proof('passkey', 10), proof('email_otp', 1)], plain([single], { minimumAcr: 'phr' }), { met: true, ...byPasskey, acr: single }],
  ['the client wants what nobody can', [passkey], plain([], { minimumAcr: 'phrh' }), { met: false, ...byPasskey, missing: { acr: [] } }],
  ['two ways are missing', [], plain([mfa, 'phr']), { met: false, missing: { acr: [mfa, 'phr'] } }],
  ['max_age, young enough', [code], plain([], { maxAge: 600 }), { met: true, ...byCode }],
  ['max_age, too old', [code], plain([], { maxAge: 599 }), { met: false, missing: { fresh: true } }],
  ['max_age 0 takes what was proven for this request', [proof('passkey', -1)], plain([], { maxAge: 0 }), { met: true, ...byPasskey, authTime: seconds(-1) }],
  ['max_age with an old passkey and a new code', [proof('passkey', 60), code], plain(['phr'], { maxAge: 1200 }), { met: false, ...byCode, missing: { acr: ['phr'], fresh: true } }],
  ['max_age leaves one kind of two', [proof('totp', 60), code], plain([], { maxAge: 1200 }), { met: true, ...byCode }],
  ['prompt=login, proven before', [passkey], plain(['phr'], { freshSince: noon }), { met: false, missing: { acr: ['phr'], fresh: true } }],
  ['the client wants passkeys only: a code is no proof', [code], plain([], { methods: ['passkey'] }), { met: false, missing: {} }],
  ['the client wants passkeys only: a code beside one', [passkey, proof('email_otp', 1)], plain([], { methods: ['passkey'] }), { met: true, ...byPasskey }],
  ['the client wants codes only: a passkey is no proof', [passkey], plain([], { methods: ['email_otp'] }), { met: false, missing: {} }],
  ['the client takes one kind of two', [proof('totp', 60), code], plain([mfa], { methods: ['email_otp', 'totp'] }), { met: true, acr: mfa, amr: ['otp', 'mfa'], authTime: seconds(60) }],
  ['what its methods cannot reach is not asked for', [code], plain(['phr'], { methods: ['email_otp'] }), { met: true, ...byCode }],
  ['what its methods cannot reach, essential: nobody can', [code], essential(['phr'], { methods: ['email_otp'] }), { met: false, ...byCode, missing: { acr: [] } }],
  ['what its methods cannot reach, by its own minimum: nobody can', [code], plain([], { methods: ['email_otp'], minimumAcr: mfa }), { met: false, ...byCode, missing: { acr: [] } }],
  ['a proof that does not count is not one that is too old', [proof('totp', 60)], plain([], { methods: ['email_otp'], maxAge: 60 }), { met: false, missing: {} }],
  ['prompt=login, proven for it', [passkey], plain(['phr'], { freshSince: noon - 10 * minute }), { met: true, ...byPasskey }],
]

for (const [title, proofs, requirement, expected] of answers) {
  test(`answer: ${title}`, (t) => {
    t.deepEqual(answer(proofs, requirement, noon) as unknown, expected)
  })
}

test('the most that methods reach together', (t) => {
  t.is(ceiling(undefined), 'phr')
  t.is(ceiling(['passkey', 'email_otp']), 'phr')
  t.is(ceiling(['email_otp', 'totp']), mfa)
  t.is(ceiling(['email_otp', 'email_link']), single)
  t.is(ceiling(['recovery_code']), recovery)
})

const rung = (acr: string | undefined) => (acr ? ladder.indexOf(acr as Acr) : -1)

test('more proofs never lower the level, and never make it older than they are', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyProofs, anyProof, (proofs, more) => {
        const before = assess(proofs)
        const after = assess([...proofs, more])
        if (!before || !after) return after !== undefined
        return rung(after.acr) > rung(before.acr) || (after.acr === before.acr && after.authTime >= before.authTime)
      }),
    ),
  )
})

test('the level is never above what the proofs give', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(anyProofs, (proofs) => {
        const level = rung(assess(proofs)?.acr)
        const by = (...methods: string[]) => proofs.some((one) => methods.includes(one.method) && !one.usablePasskey)
        const kinds = [by('email_otp', 'email_link'), by('sms_otp'), by('totp')].filter(Boolean).length
        if (level >= rung('phr')) return level === rung('phr') && proofs.some((one) => one.method === 'passkey')
        if (level === rung(mfa)) return kinds >= 2
        if (level === rung(single)) return proofs.some((one) => one.method !== 'recovery_code' && one.method !== 'sign_up')
        if (level === rung(recovery)) return proofs.some((one) => one.method === 'recovery_code')
        return proofs.every((one) => one.method === 'sign_up')
      }),
    ),
  )
})

test('an answer says what is reached and only that, and what is missing would do', (t) => {
  const acr = fc.constantFrom<string>(...ladder, 'urn:other:gold', '__proto__')
  const requirement: fc.Arbitrary<Requirement> = fc.record(
    {
      acrValues: fc.uniqueArray(acr, { maxLength: 3 }),
      essential: fc.boolean(),
      minimumAcr: fc.constantFrom(...ladder),
      maxAge: fc.integer({ min: 0, max: 7200 }),
      freshSince: fc.integer({ min: noon - 120 * minute, max: noon }),
      methods: fc.constantFrom<Method[]>(['passkey'], ['passkey', 'email_otp'], ['email_otp'], ['email_otp', 'totp']),
    },
    { requiredKeys: ['acrValues', 'essential'] },
  )
  t.notThrows(() =>
    fc.assert(
      fc.property(anyProofs, requirement, (proofs, asked) => {
        const given: Answer = answer(proofs, asked, noon)
        const own = rung(assess(proofs)?.acr)
        if (rung(given.acr) > own || given.acr === 'phrh') return false
        if (given.met) return given.acr !== undefined && rung(asked.minimumAcr) <= own
        const ways = asked.methods ?? (['passkey'] as const)
        return (given.missing?.acr ?? [single]).every((acr) => {
          const proven = [...proofs, ...ways.map((method) => proof(method))]
          return rung(acr) <= rung(ceiling(asked.methods)) && answer(proven, asked, noon).met
        })
      }),
    ),
  )
})
