/** 200 random walks over HTTP: whatever is pressed, by whom and in which order, nobody gets more than what they proved. */
import test from 'ava'
import { shop } from '../helpers/app.ts'
import { startInProcess } from '../helpers/in-process.ts'
import fc, { seed } from '../helpers/property.ts'
import { createTally, createWorld, move } from '../walks/world.ts'

const walks = 200
/** how many of them the same people take: long enough to have passkeys and known browsers, short enough to sign up often */
const together = 8
const longest = 40

test(`${walks} walks over HTTP: no token, passkey or account beyond what was proven, and no page fails`, async (t) => {
  const bank = { ...shop, client_id: 'bank', client_name: 'Example Bank', client_secret: 'what only the bank and its provider know', latchkey: { firstParty: true, minimumAcr: 'phr' } }
  const server = await startInProcess({ clients: [shop, bank] })
  t.teardown(() => server.dispose())
  t.log(`seed ${seed} (PROPERTY_SEED=${seed} walks the same way)`)

  const reached = createTally()
  let world = await createWorld(server, [shop, bank], 0, reached)
  const routes = fc.sample(fc.array(move, { minLength: 15, maxLength: longest }), { numRuns: walks })
  for (const [number, route] of routes.entries()) {
    if (number % together === 0) {
      world.end()
      world = await createWorld(server, [shop, bank], number, reached)
    }
    world.begin()
    for (const step of route) {
      await world.take(step)
      const wrong = await world.whatIsWrong()
      if (wrong) return t.fail(`walk ${number} of seed ${seed}: ${wrong}\n${world.history().join('\n')}`)
    }
    // a new day: budgets are whole again, and browsers become known
    server.advance(25 * 3_600_000)
  }
  world.end()
  t.log(JSON.stringify(reached))
  for (const [what, count] of Object.entries(reached)) t.true(count > 0, `no walk came to ${what}`)
})
