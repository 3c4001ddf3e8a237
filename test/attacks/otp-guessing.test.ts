/** Codes guessed for a month, at full rate, from any number of networks: what stands in between is counted by whom it is about, not by where it comes from. */
import test from 'ava'
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
