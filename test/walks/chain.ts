/** An owner, and a thief who has their mailbox: random walks through signing in, enrolment, removal, "this was not me" and recovery, in a store in memory. */
import { assess } from '../../src/policy/assurance.ts'
import { enrolmentWindow, mayChange, type ChangeRequest, type EnrolmentFacts } from '../../src/policy/enrolment.ts'
import { isReady, mayCancel, mayStartRecovery } from '../../src/policy/recovery.ts'
import type { Proof } from '../../src/policy/types.ts'
import type { Account, Change, Passkey } from '../../src/storage/types.ts'
import { day, delay, here, hour, there, type World } from '../accounts/store.ts'
import fc from '../helpers/property.ts'

type Who = 'owner' | 'thief'
const minute = 60_000

export type Act =
  | { do: 'code' | 'touch' | 'add' | 'remove' | 'start recovery' | 'cancel recovery' | 'undo' | 'confirm' | 'sign in anew' | 'restart'; who: Who; pick: number }
  | { do: 'press'; pick: number }
  | { do: 'wait'; ms: number }

const who = fc.constantFrom<Who>('owner', 'thief', 'thief')
const pick = fc.nat(12)
const single: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('code' as const, 'touch' as const, 'add' as const, 'add' as const, 'remove' as const), who, pick }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('start recovery' as const, 'cancel recovery' as const, 'undo' as const, 'confirm' as const, 'sign in anew' as const, 'restart' as const), who, pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('press' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(minute, 6 * minute, hour, delay + 1, 8 * day) }) },
)

/** What people do in one go, so that walks get far; anything may come in between. */
const run: fc.Arbitrary<Act[]> = fc.tuple(who, pick).chain(([who, pick]) => {
  const by = (...names: Exclude<Act['do'], 'press' | 'wait'>[]): Act[] => names.map((name) => ({ do: name, who, pick }))
  return fc.constantFrom<Act[]>(
    by('code', 'add'),
    by('touch', 'add'),
    by('touch', 'remove'),
    by('code', 'start recovery'),
    [...by('code', 'start recovery'), { do: 'wait', ms: delay + 1 }, ...by('code', 'add')],
    [{ do: 'wait', ms: delay + 1 }, ...by('code', 'add')],
    by('touch', 'cancel recovery'),
    [{ do: 'press', pick }, ...by('touch', 'undo')],
    by('touch', 'confirm'),
  )
})

export const acts: fc.Arbitrary<Act[]> = fc
  .array(fc.oneof({ weight: 2, arbitrary: single.map((one) => [one]) }, { weight: 1, arbitrary: run }), { minLength: 3, maxLength: 12 })
  .map((runs) => runs.flat())

export interface Beginning {
  /** the owner has a passkey of long ago */
  passkey: boolean
}

/** What the walks came to, so that none of it can silently never happen. */
export const createTally = () => ({ added: 0, refused: 0, removed: 0, frozen: 0, 'recovery finished': 0, 'recovery cancelled': 0, settled: 0 })

interface Person {
  where: typeof here
  /** of the session; a sign-in anew keeps none */
  proofs: string
  /** what truly happened, to hold the proofs against */
  happened: Set<string>
}

let walks = 0

/** Throws with what is wrong. */
export async function walk(world: World, tally: ReturnType<typeof createTally>, beginning: Beginning, acts: Act[]): Promise<void> {
  const accountId = `account ${++walks}`
  const email = `email:${accountId}`
  const { storage, changes, recoveries } = world
  const now = () => storage.clock.now()
  const people: Record<Who, Person> = {
    owner: { where: here, proofs: '[]', happened: new Set() },
    thief: { where: there, proofs: '[]', happened: new Set() },
  }
  const holder = new Map<string, Who>()
  const mails: Change[] = []
  const old = `${accountId} old`
  let made = 0
  /** a recovery of the thief's waited and was not stopped, or there was no passkey to guard the account: it is theirs too, by design */
  let lost = false
  let ownerRemoved = false

  const proofsOf = ({ proofs }: Person) => JSON.parse(proofs) as Proof[]

  await world.addAccount(accountId)
  if (beginning.passkey) {
    await world.addPasskey(old, accountId, { signUp: true })
    holder.set(old, 'owner')
  }
  world.advance(30 * day)
  for (const one of acts) await step(one)

  async function step(one: Act): Promise<void> {
    if (one.do === 'wait') return world.advance(one.ms)
    if (one.do === 'press') return press(mails[one.pick % Math.max(1, mails.length)])
    const person = people[one.who]
    const account = await world.account(accountId)
    if (one.do === 'sign in anew') person.proofs = '[]'
    if (one.do === 'restart') person.proofs = JSON.stringify(JSON.parse(person.proofs))
    if (one.do === 'code') prove(person, { method: 'email_otp', identifier: email, usablePasskey: account.credentialIds.length > 0 || account.frozen !== undefined })
    if (one.do === 'touch') await touch(one.who, person, one.pick)
    if (one.do === 'add') await add(one.who, person, account)
    if (one.do === 'remove') await remove(one.who, person, account, one.pick)
    if (one.do === 'start recovery' && mayStartRecovery(await facts(person, account))) {
      const { id } = await recoveries.start(account, person.where)
      mails.push(await changes.record({ accountId, kind: 'recovery_started', subject: id, ...person.where }))
    }
    if (one.do === 'cancel recovery') await cancel(person, account)
    if (one.do === 'undo' || one.do === 'confirm') await settle(one.who, person, account, one.do === 'undo' ? 'undone' : 'confirmed')
    await check()
  }

  function prove(person: Person, more: Pick<Proof, 'method' | 'usablePasskey'> & Partial<Proof>): void {
    const proof: Proof = { at: now(), accountId, deviceHash: person.where.deviceHash, ...more }
    person.happened.add(JSON.stringify(proof))
    person.proofs = JSON.stringify([...proofsOf(person), proof])
  }

  /** As the authentication looks at a passkey: neither frozen nor removed, and the account lists it. */
  async function touch(name: Who, person: Person, pick: number): Promise<void> {
    const own = [...holder].filter(([, of]) => of === name).map(([id]) => id)
    const id = own[pick % Math.max(1, own.length)]
    const passkey = id === undefined ? undefined : await storage.passkeys.get(id)
    if (!passkey || passkey.frozenAt !== undefined || passkey.removedAt !== undefined) return
    prove(person, { method: 'passkey', credentialId: passkey.id, usablePasskey: true })
  }

  async function facts(person: Person, account: Account): Promise<EnrolmentFacts> {
    const proofs = proofsOf(person)
    const named = await Promise.all(proofs.flatMap(({ credentialId }) => (credentialId ? [storage.passkeys.get(credentialId)] : [])))
    return {
      now: now(),
      proofs,
      account: {
        createdInThisInteraction: false,
        passkeyIds: account.credentialIds,
        passkeysOnly: false,
        ...(account.frozen && { frozen: account.frozen }),
      },
      passkeys: named.filter((passkey) => passkey !== undefined),
      recoveryReady: isReady(account.recovery, now(), person.where.deviceHash),
      deviceRecognised: person === people.owner,
      otherKindsHere: [],
    }
  }

  async function add(name: Who, person: Person, account: Account): Promise<void> {
    const decision = mayChange({ do: 'add_passkey' }, await facts(person, account))
    if (!decision.allow) return void tally.refused++
    const { recovery } = account
    if (decision.by === 'recovery') {
      if (!recovery || !(await recoveries.use(accountId, recovery.id))) throw new Error('a recovery that nobody could use let a passkey in')
      if (now() - recovery.startedAt < delay) throw new Error('a recovery did not wait')
      if (recovery.deviceHash !== person.where.deviceHash) throw new Error('a recovery was finished in another browser')
      tally['recovery finished']++
    } else if (name === 'thief' && !lost && (account.frozen || account.credentialIds.length > 0)) {
      throw new Error('a thief with the mailbox alone added a passkey')
    }
    // an account without a passkey is whoever's the mailbox is
    if (name === 'thief') lost = true
    if (account.frozen && decision.by !== 'recovery' && !(await hasOlder(person, account.frozen.since))) throw new Error('a frozen account was added to')
    const id = `${accountId} ${++made}`
    await world.addPasskey(id, accountId, decision.cooling ? { coolingUntil: now() + day } : {})
    holder.set(id, name)
    mails.push(await changes.record({ accountId, kind: 'passkey_added', subject: id, ...person.where }))
    if (decision.by === 'recovery' && account.frozen) await changes.settle(accountId, 'undone')
    tally.added++
  }

  /** A fresh proof by a passkey of before that time. */
  async function hasOlder(person: Person, since: number): Promise<boolean> {
    for (const { credentialId, at } of proofsOf(person)) {
      const passkey = credentialId ? await storage.passkeys.get(credentialId) : undefined
      if (passkey && passkey.createdAt < since && now() - at <= enrolmentWindow) return true
    }
    return false
  }

  async function remove(name: Who, person: Person, account: Account, pick: number): Promise<void> {
    const id = account.credentialIds[pick % Math.max(1, account.credentialIds.length)]
    const target = id === undefined ? undefined : await storage.passkeys.get(id)
    if (!target) return
    const request: ChangeRequest = { do: 'remove_passkey', createdAt: target.createdAt }
    if (!mayChange(request, await facts(person, account)).allow) return void tally.refused++
    const used = await Promise.all(proofsOf(person).map(({ credentialId, at }) => (credentialId && now() - at <= enrolmentWindow ? storage.passkeys.get(credentialId) : undefined)))
    const spoke = used.filter((passkey): passkey is Passkey => passkey !== undefined)
    if (!spoke.some(({ createdAt, signUp }) => signUp || createdAt <= target.createdAt || now() - createdAt >= day)) throw new Error('a passkey of today removed an older one')
    if (name === 'thief' && holder.get(target.id) === 'owner' && !lost) throw new Error('a thief with the mailbox alone removed a passkey')
    if (target.id === old && name === 'owner') ownerRemoved = true
    mails.push((await changes.removePasskey(account, target.id, person.where))!)
    tally.removed++
  }

  async function cancel(person: Person, account: Account): Promise<void> {
    const { recovery } = account
    if (!recovery) return
    for (const { credentialId, at } of proofsOf(person)) {
      const passkey = credentialId && now() - at <= enrolmentWindow ? await storage.passkeys.get(credentialId) : undefined
      if (!passkey || !mayCancel(passkey, recovery, now())) continue
      if (await recoveries.cancel(accountId, recovery.id)) tally['recovery cancelled']++
      return
    }
  }

  /** Whoever reads the mail may press. */
  async function press(change: Change | undefined): Promise<void> {
    if (!change) return
    const before = await world.account(accountId)
    const stopped = await changes.freeze(change.id)
    if (stopped && !before.frozen && stopped.account.frozen) tally.frozen++
    await check()
  }

  async function settle(name: Who, person: Person, account: Account, how: 'undone' | 'confirmed'): Promise<void> {
    if (!account.frozen) return
    const decision = mayChange({ do: 'settle_freeze' }, await facts(person, account))
    if (!decision.allow || decision.by) return
    if (name === 'thief' && !lost) throw new Error('a thief decided about what was disowned')
    await changes.settle(accountId, how)
    tally.settled++
  }

  async function check(): Promise<void> {
    for (const person of Object.values(people)) {
      for (const proof of proofsOf(person)) if (!person.happened.has(JSON.stringify(proof))) throw new Error('a proof from nowhere')
      const touched = proofsOf(person).some(({ method }) => method === 'passkey')
      if (assess(proofsOf(person))?.acr === 'phr' && !touched) throw new Error('phr without a passkey')
    }
    const account = await world.account(accountId)
    if (beginning.passkey && !lost && !ownerRemoved && !account.credentialIds.includes(old)) throw new Error("the owner's old passkey is gone")
    if (beginning.passkey && !lost && account.credentialIds.some((id) => holder.get(id) === 'thief')) throw new Error('the thief has a passkey that works')
  }
}
