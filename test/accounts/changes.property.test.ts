/** Random lives of an account: whatever is pressed, decided, taken back and recovered in whatever order, what must hold holds. */
import assert from 'node:assert/strict'
import test from 'ava'
import type { Change } from '../../src/storage/types.ts'
import fc from '../helpers/property.ts'
import { createWorld, day, delay, here, hour, there, type World } from './store.ts'

type Step =
  | { do: 'add passkey' | 'add email' | 'new device' | 'start recovery' | 'cancel recovery' | 'use recovery' | 'list' | 'sweep'; by: 'owner' | 'stranger' }
  | { do: 'remove passkey'; by: 'owner' | 'stranger'; which: number }
  | { do: 'press' | 'take back'; which: number }
  | { do: 'decide'; how: 'undone' | 'confirmed' }
  | { do: 'wait'; ms: number }
  | { do: 'at once'; steps: Step[] }

const by = fc.constantFrom('owner' as const, 'stranger' as const)
const which = fc.nat({ max: 30 })
const single: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('add passkey' as const, 'add email' as const, 'new device' as const, 'start recovery' as const, 'cancel recovery' as const, 'use recovery' as const, 'list' as const, 'sweep' as const), by }),
  fc.record({ do: fc.constant('remove passkey' as const), by, which }),
  { arbitrary: fc.record({ do: fc.constantFrom('press' as const, 'take back' as const), which }), weight: 3 },
  fc.record({ do: fc.constant('decide' as const), how: fc.constantFrom('undone' as const, 'confirmed' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, hour, delay, 8 * day) }),
)
const steps = fc.array(fc.oneof({ arbitrary: single, weight: 5 }, fc.record({ do: fc.constant('at once' as const), steps: fc.array(single, { minLength: 2, maxLength: 4 }) })), { maxLength: 25 })

interface Life {
  world: World
  changes: Change[]
  count: number
  recoveries: Map<string, number>
  /** ids of changes */
  pressed: Set<string>
}

async function live(life: Life, step: Step): Promise<void> {
  const { world, changes } = life
  const where = 'by' in step && step.by === 'stranger' ? there : here
  const note = async (kind: Change['kind'], subject: string) => void changes.push(await world.changes.record({ accountId: 'ada', kind, subject, ...where }))
  const pick = <T>(list: T[], index: number): T | undefined => list[index % Math.max(list.length, 1)]
  switch (step.do) {
    case 'add passkey': {
      const id = `passkey ${++life.count}`
      await world.addPasskey(id)
      return note('passkey_added', id)
    }
    case 'add email': return note('identifier_added', await world.addEmail(`${++life.count}@example.com`))
    case 'new device': {
      const id = `${where.deviceHash}${++life.count}`
      return note('new_device', await world.addDevice(id))
    }
    case 'start recovery': return note('recovery_started', (await world.recoveries.start(await world.account(), where)).id)
    case 'cancel recovery': {
      const { recovery } = await world.account()
      if (recovery) await world.recoveries.cancel('ada', recovery.id)
      return
    }
    case 'use recovery': {
      const { recovery } = await world.account()
      if (recovery && (await world.recoveries.use('ada', recovery.id))) life.recoveries.set(recovery.id, (life.recoveries.get(recovery.id) ?? 0) + 1)
      return
    }
    case 'remove passkey': {
      const id = pick(await world.usable(), step.which)
      // Somebody else may be about to remove the same one.
      if (id !== undefined) await world.changes.removePasskey(await world.account(), id, where).then((change) => changes.push(change!), () => {})
      return
    }
    case 'press': {
      const id = pick(changes, step.which)?.id ?? 'none'
      life.pressed.add(id)
      return void (await world.changes.freeze(id))
    }
    case 'take back': return void (await world.changes.undo(pick(changes, step.which)?.id ?? 'none'))
    case 'decide': return world.changes.settle('ada', step.how)
    case 'list': return void (await world.changes.listOpen('ada'))
    case 'sweep': return void (await world.sweep())
    case 'wait': return world.advance(step.ms)
    case 'at once': return void (await Promise.all(step.steps.map((one) => live(life, one))))
  }
}

const openOf = async (world: World) => (await world.storage.changes.listByAccount('ada')).filter(({ frozenAt, settled }) => frozenAt !== undefined && !settled)

test('random lives of an account', async (t) => {
  // The seed of a failure is in its message.
  await t.notThrowsAsync(fc.assert(fc.asyncProperty(steps, async (sequence) => {
    const world = createWorld()
    try {
      await world.addAccount()
      await world.addPasskey('old', 'ada', { signUp: true })
      await world.addEmail('ada@example.com')
      const life: Life = { world, changes: [], count: 0, recoveries: new Map(), pressed: new Set() }
      for (const step of sequence) {
        const before = { usable: await world.usable(), account: await world.account(), open: await openOf(world) }
        // Only what happens at once happens in the same moment.
        world.advance(1)
        await live(life, step)
        // What was recorded in the moment of a press is found by the next look.
        if (step.do === 'at once') await world.changes.listOpen('ada')
        const account = await world.account()
        const [usable, open, all] = [await world.usable(), await openOf(world), await world.storage.changes.listByAccount('ada')]

        assert.deepEqual(account.credentialIds.toSorted(), usable, 'what is listed is what signs in')
        assert.deepEqual(account.frozen?.changeIds.toSorted() ?? [], open.map(({ id }) => id).toSorted(), 'frozen by what is disowned and not decided')
        for (const change of open) {
          assert.ok(account.frozen!.since <= (/^(passkey|identifier|method)/.test(change.kind) ? change.at : change.frozenAt!))
          if (change.kind === 'passkey_added') assert.ok(!usable.includes(change.subject ?? ''), 'what is disowned signs nobody in')
          if (change.kind === 'identifier_added') assert.ok(!account.identifiers.some(({ value }) => change.subject === `email:${value}`))
          if (change.kind === 'recovery_started') assert.notEqual(account.recovery?.id, change.subject)
          const until = change.frozenAt ?? 0
          const { recovery } = account
          assert.ok(!(recovery?.deviceHash === change.deviceHash && recovery.startedAt < until), 'no recovery of that device from before is left to lift the freeze')
          const escaped = all.filter((other) => !other.settled && other.frozenAt === undefined && other.deviceHash === change.deviceHash && other.at >= change.at && other.at < until)
          assert.deepEqual(escaped, [], 'what came of it is disowned with it')
        }
        for (const change of open.filter(({ id }) => !before.open.some((other) => other.id === id))) {
          const pressed = open.filter(({ id }) => life.pressed.has(id))
          const since = (other: Change) => other.deviceHash === change.deviceHash && (other.at <= change.at || change.kind === 'recovery_started')
          const stopped = open.filter(({ kind }) => kind === 'recovery_started')
          const cause = pressed.find((press) => press.id === change.id || since(press) || stopped.some((recovery) => recovery.deviceHash === press.deviceHash && since(recovery)))
          assert.ok(cause, 'nothing older, and nothing of another device')
        }
        for (const passkey of await world.storage.passkeys.listByAccount('ada')) {
          if (passkey.frozenAt !== undefined) assert.ok(life.changes.some(({ kind, subject }) => kind === 'passkey_added' && subject === passkey.id), 'only what a change added can be frozen')
        }
        assert.ok([...life.recoveries.values()].every((uses) => uses === 1))

        if (step.do === 'press') {
          assert.ok(usable.every((id) => before.usable.includes(id)), 'a press brings nothing back')
          const gone = before.usable.filter((id) => !usable.includes(id))
          assert.ok(gone.every((id) => open.some(({ kind, subject }) => kind === 'passkey_added' && subject === id)), 'and stops only what it disowns')
          assert.ok(before.account.recovery === undefined || account.recovery !== undefined || open.some(({ deviceHash }) => deviceHash === before.account.recovery?.deviceHash))
          assert.ok(account.identifiers.every(({ value }) => before.account.identifiers.some((entry) => entry.value === value)))
          assert.ok(open.length >= before.open.length, 'nor does it decide anything')
        }
        if (step.do === 'decide') assert.equal(account.frozen, undefined)
        if (step.do === 'take back') assert.deepEqual(account.frozen, before.account.frozen, 'who takes one change back lifts no freeze')
      }
    } finally {
      world.close()
    }
  }), { numRuns: 250 }))
})
