/** Codes guessed for a month, at full rate, from any number of networks: what stands in between is counted by whom it is about, not by where it comes from. */
import test from 'ava'
import { createBudgets } from '../../src/verification/budgets.ts'
import { createMemory } from '../verification/memory.ts'
import { address, createRig, day, minute, wrong } from '../verification/rig.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }
const owner = 'maya@example.com'
const days = 30
/** how often the attacker comes back: more often than any wait ends */
const step = 5 * minute

function openMailbox() {
  const memory = createMemory()
  return { ...memory, ...createRig(memory, keyring, [owner]) }
}

for (const tags of [false, true]) {
  test(`OTP guessing for 30 days at full rate, ${tags ? 'with +tags' : 'at the address itself'}: under 0.1 % in all, while the owner's own browser signs in by code every day`, async (t) => {
    const { send, check, mailbox, advance } = openMailbox()
    let luck = 0
    let guesses = 0
    let login = 0
    let signedIn = 0
    let guessAgainAt = 0

    for (let at = 0; at < days * day; at += step) {
      // Codes are scarce too: none is asked for before it can be guessed at.
      const target = tags && login % 2 === 1 ? address(`maya+${login}@example.com`) : address(owner)
      const cid = `attacker ${++login}`
      const sent = at >= guessAgainAt ? await send({ cid, email: target }) : undefined
      if (sent?.ok) {
        for (;;) {
          const answer = await check(wrong(mailbox[0]?.code), { cid, email: target })
          if (!answer.ok && answer.reason === 'budget') guessAgainAt = at + answer.retryAfter * 1000
          if (answer.ok || answer.reason !== 'wrong') break
          guesses++
          luck += 10 ** -sent.digits
        }
      }
      if (at % day === 12 * 60 * minute) {
        const mine = { cid: `owner ${at}`, email: address(owner), recognisedDevice: 'her laptop' }
        t.like(await send(mine), { ok: true }, `a code on day ${at / day}`)
        t.like(await check(mailbox[0]!.code, mine), { ok: true })
        signedIn++
      }
      advance(step)
    }

    t.is(signedIn, days)
    t.true(guesses > 19 * days, 'nothing but the budget of guesses held the attacker back')
    t.true(luck < 0.001, `${guesses} guesses are ${(luck * 100).toFixed(4)} %`)
    t.log(`${guesses} guesses in ${days} days: ${(luck * 100).toFixed(4)} %`)
  })
}

/** Guesses at even distances, in bursts of a day's worth, or one fewer than is noticed in a week. */
const paces: Record<string, (guess: number) => number> = {
  ...Object.fromEntries([1, 2, 2.5, 2.7, 2.8, 3, 5, 10, 15, 19, 20].map((rate) => [`${rate} a day`, (guess: number) => guess * (day / rate)])),
  '19 a week at once': (guess) => Math.floor(guess / 19) * 7 * day,
  '19 a day at once': (guess) => Math.floor(guess / 19) * day,
  'as many as there are': () => 0,
}

test('guessing for 30 days at any rate: under 0.1 % in all, by mailed codes and by those of an app', async (t) => {
  const results = []
  for (const [pace, due] of Object.entries(paces)) {
    const memory = createMemory()
    const budgets = createBudgets({ ...memory, keyring })
    const payer = { recipient: address(owner), accountId: 'maya' }
    const end = memory.clock.now() + days * day
    const begin = memory.clock.now()
    const luck = { mailed: 0, app: 0 }
    let guesses = 0
    for (;;) {
      memory.advance(Math.max(0, begin + due(guesses) - memory.clock.now()))
      if (memory.clock.now() >= end) break
      const digits = await budgets.digits(payer, 6)
      const charge = await budgets.guess(payer)
      if (!charge.ok) {
        memory.advance(charge.nextAt - memory.clock.now())
        continue
      }
      guesses++
      luck.mailed += 10 ** -digits
      // Three steps count for a while, then one.
      luck.app += (digits > 6 ? 1 : 3) * 1e-6
    }
    results.push({ pace, guesses, mailed: (luck.mailed * 100).toFixed(4), app: (luck.app * 100).toFixed(4) })
    t.true(luck.mailed < 0.0002, `${pace}: mailed codes ${luck.mailed}`)
    t.true(luck.app < 0.0008, `${pace}: codes of an app ${luck.app}`)
  }
  for (const { pace, guesses, mailed, app } of results) t.log(`${pace}: ${guesses} guesses, ${mailed} % of mailed codes, ${app} % of an app's`)
})

test('mail bombing: whatever is pressed, from anywhere, ten mails a day reach a mailbox with an account, and one without', async (t) => {
  const stranger = 'nobody@example.com'
  const { send, mailbox, advance } = openMailbox()
  for (let at = 0; at < day; at += step) {
    for (const email of [owner, 'maya+news@example.com', stranger, 'nobody+x@example.com'].map(address)) await send({ cid: `${email.value} ${at}`, email })
    advance(step)
  }
  const arrived = (mailboxName: string) => mailbox.filter(({ to }) => to.replace(/\+[^@]*/, '') === mailboxName).length
  t.true(arrived(owner) <= 10, `${arrived(owner)} mails`)
  t.true(arrived(owner) >= 3)
  t.is(arrived(stranger), 1)
})
