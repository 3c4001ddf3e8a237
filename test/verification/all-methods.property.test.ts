/** Whatever is sent, guessed, pressed, revealed and switched, in whatever order: the budgets hold, and nothing is proven without its secret. */
import test from 'ava'
import type { OtherMethod } from '../../src/policy/types.ts'
import { fromBase32 } from '../../src/verification/base32.ts'
import type { Purpose, Recipient } from '../../src/verification/index.ts'
import { stepAt, totpCode } from '../../src/verification/totp.ts'
import fc from '../helpers/property.ts'
import { day, hour, minute, second } from './rig.ts'
import { account, createWorld, named } from './world.ts'

const life = 10 * minute
const maya = {
  email: named('email', 'maya@example.com'), tagged: named('email', 'maya+2@example.com'), phone: named('phone', '+447911123456'),
  username: named('username', 'maya'), unproven: named('email', 'typo@example.com'),
}
const sam = { email: named('email', 'sam@example.com'), username: named('username', 'sam') }
const nobody = { email: named('email', 'new@example.com'), phone: named('phone', '+447911999999'), username: named('username', 'nobody') }
const everybody: Recipient[] = [maya, sam, nobody].flatMap((names) => Object.values(names))

const holders: Record<string, string> = Object.fromEntries(
  [...Object.values(maya).map((one) => [one.value, 'maya']), ...Object.values(sam).map((one) => [one.value, 'sam'])],
)
const ofMaya = (typed: Recipient) => holders[typed.value] === 'maya'

const methods: OtherMethod[] = ['email_otp', 'email_link', 'sms_otp', 'totp', 'recovery_code']
const kindOf = { email_otp: 'email', email_link: 'email', sms_otp: 'phone' } as const
type Sending = keyof typeof kindOf

const where = { cid: fc.constantFrom('a', 'b', 'c'), purpose: fc.constantFrom<Purpose>('sign_in', 'sign_in', 'sign_up', 'confirm'), typed: fc.constantFrom(...everybody), browser: fc.constantFrom('strange', 'her laptop') }
const pick = fc.nat({ max: 1_000 })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), method: fc.constantFrom<Sending>('email_otp', 'email_link', 'sms_otp'), ...where }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('guess' as const), method: fc.constantFrom(...methods), times: fc.integer({ min: 1, max: 6 }), secret: fc.option(pick), ...where }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('type newest' as const), method: fc.constantFrom<Sending>('email_otp', 'email_link', 'sms_otp') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('press' as const), ticket: pick, elsewhere: fc.boolean(), cid: fc.option(where.cid) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reveal' as const), ticket: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('refuse' as const), ticket: pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(second, 30 * second, minute, 5 * minute, 15 * minute, hour, 5 * hour, day) }) },
)

/** Something that arrived somewhere and proves that whoever has it reads there. */
interface Secret {
  of: string
  method: 'code' | 'link'
  text: string
  to: string
  asked: { cid: string; purpose: Purpose; typed: Recipient; browser: string }
  until: number
  wrong: number
  /** shown to who opened the link */
  shown?: true
  /** replaced, refused or used */
  over?: true
}

/** The most of these times that any stretch of `window` ms holds. */
const busiest = (times: number[], window: number) =>
  Math.max(0, ...times.map((start) => times.filter((time) => time >= start && time < start + window).length))

const push = <T>(map: Map<string, T[]>, key: string, value: T) => void map.set(key, [...(map.get(key) ?? []), value])

const proofs = { code: 0, link: 0, shown: 0, totp: 0, recovery_code: 0 }

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function play(steps: Step[]): Promise<string[]> {
  const world = createWorld([
    account('maya', [
      { ...maya.email, verifiedAt: 1 }, { ...maya.phone, verifiedAt: 1 }, { ...maya.username }, { ...maya.unproven }, { ...maya.tagged, verifiedAt: 1 },
    ]),
    account('sam', [{ ...sam.email, verifiedAt: 1 }, sam.username], { passkeysOnlySince: 1 }),
  ])
  const { clock, arrived, methods: ways, links } = world
  const holder = async (id: string) => (await world.accounts.get(id))!
  const { key } = await world.totp.begin(await holder('maya'), 'set up')
  await world.totp.confirm(await holder('maya'), 'set up', totpCode(fromBase32(key)!, stepAt(clock.now())))
  let usedStep = stepAt(clock.now())
  const paper = new Set((await world.recoveryCodes.make(await holder('maya'))).codes)

  const faults: string[] = []
  const secrets: Secret[] = []
  const tickets: { text: string; asked: Secret['asked'] }[] = []
  const sent = new Map<string, number[]>()
  const looked = new Map<string, number[]>()
  const invited = new Map<string, number[]>()

  /** Whose budgets are charged: what was typed, and who has it. Her own browser pays from its own, but not for an address that is to be added. */
  const payers = ({ typed, purpose, browser }: Secret['asked']) => {
    const own = browser === 'her laptop' && ofMaya(typed) ? browser : ''
    const id = purpose === 'confirm' ? 'maya' : (holders[typed.value] ?? `nobody ${typed.throttleKey}`)
    return [`typed ${typed.throttleKey} ${purpose === 'confirm' ? '' : own}`, `of ${id} ${own}`]
  }
  /** What she confirms of her own leaves her sends for signing in as they are. */
  const senders = (asked: Secret['asked']) => payers(asked).map((payer) => (asked.purpose === 'confirm' && payer.startsWith('of ') ? `confirmations ${payer}` : payer))
  const attempt = async ({ cid, purpose, typed, browser }: Secret['asked']) => ({
    cid, purpose, typed,
    ...(purpose === 'confirm' && { account: await holder('maya') }),
    ...(browser === 'her laptop' && ofMaya(typed) && { recognisedDevice: browser }),
  })
  const slot = (kind: string, { cid, purpose }: Secret['asked']) => `${kind} ${purpose} ${cid}`
  const replace = (of: string, method?: 'code') => {
    for (const secret of secrets) if (secret.of === of && (method === undefined || secret.method === method)) secret.over = true
  }
  const prove = (secret: Secret | undefined, identifier: string | undefined, what: string) => {
    if (!secret) return void faults.push(`${what}: proven without its secret`)
    if (!identifier?.endsWith(`:${secret.to}`)) faults.push(`${what}: ${identifier} proven by what ${secret.to} got`)
    proofs[secret.shown ? 'shown' : secret.method]++
    replace(secret.of)
  }
  const valid = (secret: Secret) => !secret.over && clock.now() < secret.until && secret.wrong < 5

  const actions = {
    async send(move: Secret['asked'] & { method: Sending }) {
      const [before, of] = [arrived.length, slot(kindOf[move.method], move)]
      const answer = await ways[move.method].send!({
        ...(await attempt(move)), app: 'Shop', locale: 'en', asker: 'Chrome on Windows', interaction: { uid: `u${move.cid}`, clientId: 'shop', deviceHash: move.browser },
      })
      if (answer.ok) for (const payer of senders(move)) push(sent, payer, clock.now())
      if (arrived.length > before + (answer.ok ? 1 : 0)) faults.push('a mail too many')
      if (arrived.length === before) return
      const { to, code, ticket, kind, variant } = arrived[0]!
      replace(of)
      if (variant === 'no_account' || variant === 'passkeys_only') push(invited, named('email', to).throttleKey, clock.now())
      const common = { of, to, asked: move, until: clock.now() + life, wrong: 0 }
      if (kind === 'phone' && holders[to] === undefined && move.purpose === 'sign_in') faults.push('a text to a number of nobody')
      if (to === sam.email.value && move.purpose !== 'confirm' && (code || ticket)) faults.push('a code for who takes none')
      if (code !== undefined) secrets.push({ ...common, method: 'code', text: code })
      if (ticket !== undefined) {
        secrets.push({ ...common, method: 'link', text: ticket })
        tickets.push({ text: ticket, asked: move })
      }
    },

    async guess(move: Secret['asked'] & { method: OtherMethod; times: number; secret: number | null }) {
      const shows = totpCode(fromBase32(key)!, stepAt(clock.now()))
      const all = [...secrets.map(({ text }) => text), ...paper, shows]
      const mine = move.method === 'totp' ? shows : [...paper][0]
      const text = move.secret === null ? 'made up' : move.secret % 4 === 0 && mine ? mine : all[move.secret % all.length]!
      for (let time = 0; time < move.times; time++) await actions.type(move, text)
    },

    async type(move: Secret['asked'] & { method: OtherMethod }, text: string) {
      const result = await ways[move.method].check({ ...(await attempt(move)), code: text })
      const what = `${move.method} for ${move.typed.value}`
      if (!result.ok) {
        if (result.reason !== 'wrong') return
        for (const payer of payers(move)) push(looked, payer, clock.now())
        if (move.method in kindOf) for (const secret of secrets) if (secret.of === slot(kindOf[move.method as Sending], move)) secret.wrong++
        return
      }
      if (move.method === 'totp' || move.method === 'recovery_code') {
        proofs[move.method]++
        const mine = move.purpose === 'confirm' || ofMaya(move.typed)
        const reached = [-1, 0, 1].map((drift) => stepAt(clock.now()) + drift).filter((one) => one > usedStep && totpCode(fromBase32(key)!, one) === text)
        const right = move.method === 'totp' ? reached.length > 0 : paper.delete(text)
        if (!mine || !right) faults.push(`${what}: proven without its secret`)
        if (move.method === 'totp' && reached.length > 0) usedStep = Math.max(...reached)
        return
      }
      const of = slot(kindOf[move.method as Sending], move)
      const secret = secrets.find((one) => one.of === of && one.method === 'code' && one.text === text && one.asked.typed.value === move.typed.value && valid(one))
      prove(secret, result.identifier, what)
    },

    /** The person with the mailbox types what came last, where it was asked for. */
    async 'type newest'({ method }: { method: Sending }) {
      const newest = secrets.findLast((secret) => secret.method === 'code' && secret.of.startsWith(kindOf[method]))
      if (newest) await actions.type({ ...newest.asked, method }, newest.text)
    },

    async press({ ticket, elsewhere, cid }: { ticket: number; elsewhere: boolean; cid: string | null }) {
      const it = tickets[ticket % tickets.length]
      if (!it) return
      const here = { cid: cid ?? it.asked.cid, deviceHash: elsewhere ? 'another' : it.asked.browser }
      const look = await links.look(it.text)
      const result = await links.press(it.text, here)
      if (!result.ok) return
      if (elsewhere || here.cid !== it.asked.cid) faults.push('a link pressed where nobody asked')
      if (look?.state !== 'open') faults.push('a link pressed that was not there any more')
      prove(secrets.find((one) => one.method === 'link' && one.text === it.text && !one.over && clock.now() < one.until), result.identifier, 'link')
    },

    async reveal({ ticket }: { ticket: number }) {
      const it = tickets[ticket % tickets.length]
      const link = it && secrets.find(({ text }) => text === it.text)
      const shown = it && (await links.reveal(it.text))
      if (!it || !link || typeof shown !== 'object') return
      for (const payer of senders(it.asked)) push(sent, payer, clock.now())
      if (link.over || clock.now() >= link.until) faults.push('a code shown for a link that is over')
      if (shown.expiresAt !== clock.now() + 5 * minute) faults.push('a shown code lives too long')
      replace(link.of, 'code')
      secrets.push({ ...link, method: 'code', shown: true, text: shown.code, until: shown.expiresAt, wrong: 0 })
    },

    async refuse({ ticket }: { ticket: number }) {
      const it = tickets[ticket % tickets.length]
      if (!it || !(await links.refuse(it.text))) return
      replace(secrets.find(({ text }) => text === it.text)!.of)
    },

    wait: async ({ ms }: { ms: number }) => void world.advance(ms),
  }

  for (const move of steps) await actions[move.do](move as never)

  for (const [payer, times] of sent) {
    if (busiest(times, 15 * minute) > 3 || busiest(times, day) > 10) faults.push(`${payer}: ${times.length} sent`)
  }
  for (const [payer, times] of looked) {
    if (busiest(times, hour) > 10 || busiest(times, day) > 20) faults.push(`${payer}: ${times.length} guesses`)
  }
  for (const [to, times] of invited) if (busiest(times, day) > 1) faults.push(`${to}: ${times.length} invitations`)
  return faults
}

test('10,000 sequences of sends, resends, guesses, presses, reveals and switches of method', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      t.deepEqual(await play(steps), [])
    }),
    { numRuns: 10_000 },
  )
  t.log(proofs)
  for (const [by, count] of Object.entries(proofs)) t.true(count > 100, `${by} proves something again and again`)
})
