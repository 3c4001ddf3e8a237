/** Known and unknown addresses, and those of accounts that take no codes: the same answers, for the same work. */
import test from 'ava'
import fc from 'fast-check'
import { createMemory } from './memory.ts'
import { createRig, day, hour, minute, second, wrong } from './rig.ts'

const keyring = { hmac: (purpose: string, ...parts: string[]) => JSON.stringify([purpose, parts]) }
const alice = 'alice@example.com'

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), cid: fc.constantFrom('a', 'b'), purpose: fc.constantFrom('sign_in' as const, 'sign_up' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('guess' as const), cid: fc.constantFrom('a', 'b'), purpose: fc.constantFrom('sign_in' as const, 'sign_up' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10 * second, 30 * second, minute, 15 * minute, hour, day) }) },
)

test('whatever somebody without the mailbox does, answers, store calls and outbox writes are the same', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const observe = async (known: string[], passkeysOnly: string[] = []) => {
        const memory = createMemory()
        const { send, check, status, handedOver } = createRig(memory, keyring, known, passkeysOnly)
        const seen: unknown[] = []
        for (const action of steps) {
          if (action.kind === 'wait') memory.advance(action.ms)
          if (action.kind === 'send') seen.push(await send(action))
          // no digits, so that it is never right by chance
          if (action.kind === 'guess') seen.push(await check('guess', action))
          if (action.kind !== 'wait') seen.push(await status(action), memory.calls.splice(0), handedOver.length)
        }
        return seen
      }
      const unknown = await observe([])
      t.deepEqual(await observe([alice]), unknown)
      t.deepEqual(await observe([], [alice]), unknown)
    }),
    { numRuns: 150 },
  )
})

test('the person with the mailbox gets in either way, after the same calls', async (t) => {
  const enter = async (known: string[]) => {
    const memory = createMemory()
    const { send, check, mailbox } = createRig(memory, keyring, known)
    await send()
    const answers = [await check(wrong(mailbox[0]!.code)), await check(mailbox[0]!.code)]
    return { answers, calls: memory.calls }
  }
  t.deepEqual(await enter([alice]), await enter([]))
})
