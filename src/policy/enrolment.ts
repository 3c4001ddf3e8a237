import type { Account, Freeze, Passkey } from '../storage/types.ts'
import { kindOf, type Method, type Proof } from './types.ts'

/** ms: what changes how an account is opened needs a proof that is no older */
export const enrolmentWindow = 5 * 60 * 1000
/** ms: for so long what was added has no say about what is older */
export const coolingTime = 24 * 60 * 60 * 1000

/** What is to be done to the ways into an account, or taken out of it. `createdAt` (ms): of what goes. */
export type ChangeRequest =
  | { do: 'add_passkey' | 'add_identifier' | 'add_method' | 'download_data' }
  | { do: 'remove_passkey' | 'remove_identifier' | 'remove_method' | 'replace_identifier'; createdAt: number }
  | { do: 'passkeys_only_on' | 'passkeys_only_off' | 'new_recovery_codes' | 'delete_account' | 'settle_freeze' }

/** What the guard has to know of a passkey. */
export type GuardedPasskey = Pick<Passkey, 'id' | 'createdAt' | 'coolingUntil' | 'frozenAt' | 'signUp'>

export interface EnrolmentFacts {
  /** ms since 1970, by the store's clock */
  now: number
  /** of this session and interaction, all of this account */
  proofs: Proof[]
  account: {
    createdInThisInteraction: boolean
    /** those that sign in: neither frozen nor removed */
    passkeyIds: string[]
    frozen?: Freeze
    passkeysOnly: boolean
  }
  /** the records that the proofs name; one that is not given counts as made just now */
  passkeys: GuardedPasskey[]
  /** identifiers (`email:a@b.c`) and methods that were added after the sign-up, with when (ms); absent = none */
  added?: { id: string; at: number }[]
  /** a recovery that was started in this browser has waited long enough */
  recoveryReady: boolean
  /** this browser finished a sign-in to the account before this session and over 24 h ago, and nobody disowned it */
  deviceRecognised: boolean
  /** the methods that the account has and that work here */
  otherKindsHere: Method[]
}

export type EnrolmentDecision =
  /** `by`: the one-time right that is spent with it */
  | { allow: true; cooling: boolean; notice: boolean; by?: 'recovery' }
  /**
   * `way`: what makes it a yes. `passkey`: any of the account's (when it has none: make one first); recovery may be
   * started as well. `older_passkey`: one that is older than what was used or frozen. `recovery`: nothing else is left.
   * `until` (ms): waiting for that long helps too.
   */
  | { allow: false; way: 'sign_in' | 'passkey' | 'older_passkey' | 'other_kind' | 'recovery'; until?: number }

interface Given {
  request: ChangeRequest
  facts: EnrolmentFacts
  /** young enough */
  fresh: Proof[]
  /** those of them that count for this change */
  rights: Proof[]
}

interface Row {
  when: (given: Given) => boolean
  proof: (given: Given) => boolean
  decision: EnrolmentDecision | ((given: Given) => EnrolmentDecision)
}

const yes: EnrolmentDecision = { allow: true, cooling: false, notice: true }
const coolingYes: EnrolmentDecision = { allow: true, cooling: true, notice: true }
const byRecovery: EnrolmentDecision = { allow: true, cooling: true, notice: true, by: 'recovery' }
const no = (way: Extract<EnrolmentDecision, { allow: false }>['way']): EnrolmentDecision => ({ allow: false, way })

const isFrozen = ({ facts }: Given): boolean => facts.account.frozen !== undefined
/** Until somebody has put a passkey into it, here or elsewhere: from then on that one is asked for. */
const isNew = ({ facts: { account } }: Given): boolean => account.createdInThisInteraction && account.passkeyIds.length === 0
const hasPasskey = ({ facts: { account } }: Given): boolean => account.passkeyIds.length > 0 || account.passkeysOnly
const hasNone = (given: Given): boolean => !hasPasskey(given)
const hasNoneButMust = (given: Given): boolean => hasNone(given) && given.request.do === 'passkeys_only_on'
const recovers = ({ request, facts }: Given): boolean =>
  facts.recoveryReady && (request.do === 'add_passkey' || request.do === 'settle_freeze')

const whatever = (): boolean => true
const any = ({ rights }: Given): boolean => rights.length > 0
const anyAtAll = ({ fresh, facts }: Given): boolean => fresh.some((proof) => mayStart(proof, facts))
const by = (method: Method) => ({ rights }: Given): boolean => rights.some((proof) => proof.method === method)
/** enough of them: on a browser that is new to the account also one of a second kind, if there is one to ask for */
const enough = ({ rights, facts: { deviceRecognised, otherKindsHere } }: Given): boolean => {
  const kinds = new Set(rights.map((proof) => kindOf(proof.method) ?? proof.method))
  const another = otherKindsHere.some((method) => !kinds.has(kindOf(method) ?? method))
  return rights.length > 0 && (deviceRecognised || kinds.size > 1 || !another)
}
const enoughWithoutRecovery = (given: Given): boolean =>
  enough({ ...given, rights: given.rights.filter((proof) => proof.method !== 'recovery_code') })

/**
 * The guard: the first row that fits decides. A recovery opens the door too, but what enters by it has to cool. A freeze
 * comes first: who freezes somebody's only passkey must not find the rows of an account that never had one.
 */
const rows: Row[] = [
  { when: isFrozen, proof: by('passkey'), decision: yes },
  { when: (given) => isFrozen(given) && recovers(given), proof: anyAtAll, decision: byRecovery },
  { when: (given) => isFrozen(given) && recovers(given), proof: whatever, decision: no('sign_in') },
  { when: isFrozen, proof: whatever, decision: olderPasskey },

  { when: isNew, proof: any, decision: { allow: true, cooling: false, notice: false } },

  { when: hasNoneButMust, proof: whatever, decision: no('passkey') },
  { when: hasNone, proof: enoughWithoutRecovery, decision: yes },
  { when: hasNone, proof: enough, decision: coolingYes },
  { when: hasNone, proof: any, decision: no('other_kind') },
  { when: hasNone, proof: whatever, decision: no('sign_in') },

  { when: hasPasskey, proof: by('passkey'), decision: yes },
  { when: hasPasskey, proof: by('recovery_code'), decision: coolingYes },
  { when: recovers, proof: anyAtAll, decision: byRecovery },
  { when: recovers, proof: whatever, decision: no('sign_in') },
  { when: hasPasskey, proof: ({ fresh, facts }) => fresh.some((proof) => passkeyOf(proof, facts)), decision: olderPasskey },
  { when: hasPasskey, proof: whatever, decision: ({ facts }) => no(facts.account.passkeyIds.length > 0 ? 'passkey' : 'recovery') },
]

/** Whether this may be done to the account now: the one choke point for every addition, change and removal. */
export function mayChange(request: ChangeRequest, facts: EnrolmentFacts): EnrolmentDecision {
  const fresh = facts.proofs.filter((proof) => facts.now - proof.at <= enrolmentWindow)
  const given: Given = { request, facts, fresh, rights: fresh.filter((proof) => hasRights(proof, request, facts)) }
  const { decision } = rows.find((row) => row.when(given) && row.proof(given))!
  return typeof decision === 'function' ? decision(given) : decision
}

export const mayAddPasskey = (facts: EnrolmentFacts): EnrolmentDecision => mayChange({ do: 'add_passkey' }, facts)

/** Until when a yes lasts by the proofs at hand (ms): no dialog may outlive it, or a passkey would be made and then refused. undefined: it is none now. */
export function allowedUntil(request: ChangeRequest, facts: EnrolmentFacts): number | undefined {
  const ends = facts.proofs.map(({ at }) => at + enrolmentWindow).filter((end) => end >= facts.now && mayChange(request, { ...facts, now: end }).allow)
  return ends.length > 0 ? Math.max(...ends) : undefined
}

/** Whether a passkey is too new to decide about what is older. The one that an account began with is as old as all the rest. */
export function isCooling({ createdAt, coolingUntil, signUp }: Omit<GuardedPasskey, 'id'>, now: number): boolean {
  return signUp !== true && now < cooledAt({ createdAt, coolingUntil })
}

/** Whether a proof is one of the account's own ways that still stand: enough to start a recovery, or to go on with it. */
export function mayStart(proof: Proof, facts: EnrolmentFacts): boolean {
  if (proof.method === 'passkey') return passkeyOf(proof, facts) !== undefined
  if (proof.method === 'sign_up') return false
  return proof.method === 'recovery_code' || !facts.account.passkeysOnly
}

function hasRights(proof: Proof, request: ChangeRequest, facts: EnrolmentFacts): boolean {
  const { account, now } = facts
  // Nothing was proven by it: it is good for the account that it made, and there only until a key is in it.
  if (proof.method === 'sign_up') return account.createdInThisInteraction && account.passkeyIds.length === 0
  if (proof.method === 'passkey') {
    const passkey = passkeyOf(proof, facts)
    if (!passkey) return false
    if (account.frozen) return passkey.createdAt < account.frozen.since && !isCooling(passkey, now)
    return !isCooling(passkey, now) || !touchesOlder(request, passkey.createdAt)
  }
  if (proof.method === 'recovery_code') return isAddition(request)
  // Who can be talked out of a code although a passkey was at hand must not get a key cut with it.
  if (proof.usablePasskey) return false
  const added = facts.added?.find(({ id }) => id === proof.identifier || id === proof.method)
  return !added || now >= added.at + coolingTime || !touchesOlder(request, added.at)
}

/** The record of a passkey proof, as long as the passkey itself still signs in. */
function passkeyOf({ method, credentialId }: Proof, { account, passkeys, now }: EnrolmentFacts): GuardedPasskey | undefined {
  if (method !== 'passkey' || credentialId === undefined || !account.passkeyIds.includes(credentialId)) return undefined
  const passkey = passkeys.find(({ id }) => id === credentialId) ?? { id: credentialId, createdAt: now }
  return passkey.frozenAt === undefined ? passkey : undefined
}

/** What takes nothing away and weakens nothing. All data at once goes to whoever could add a way in, and to nobody else. */
const isAddition = (request: ChangeRequest): boolean =>
  request.do === 'add_passkey' || request.do === 'add_identifier' || request.do === 'add_method' || request.do === 'download_data'

/** Whether the change takes away or weakens something that was there before `at` (ms). */
const touchesOlder = (request: ChangeRequest, at: number): boolean =>
  'createdAt' in request ? request.createdAt < at : !isAddition(request)

/** Something older has to speak: where nothing is, recovery is what is left. Once what was used has cooled it may speak too. */
function olderPasskey({ facts, fresh }: Given): EnrolmentDecision {
  const { account, now } = facts
  if (account.passkeyIds.length === 0) return no('recovery')
  const since = account.frozen?.since ?? Infinity
  const cooling = fresh.map((proof) => passkeyOf(proof, facts)).filter((used) => used !== undefined && used.createdAt < since && isCooling(used, now))
  const until = Math.min(...cooling.map((used) => cooledAt(used!)))
  return { allow: false, way: 'older_passkey', ...(until < Infinity && { until }) }
}

function cooledAt({ createdAt, coolingUntil }: { createdAt: number; coolingUntil?: number | undefined }): number {
  return Math.max(coolingUntil ?? 0, createdAt + coolingTime)
}

/** What the account's own record says; undefined: nobody is known yet. */
export const factsOf = (account: Account | undefined, { createdInThisInteraction = false } = {}): Pick<EnrolmentFacts, 'account' | 'added'> => ({
  account: {
    createdInThisInteraction,
    passkeyIds: account?.credentialIds ?? [],
    ...(account?.frozen && { frozen: account.frozen }),
    passkeysOnly: account?.passkeysOnlySince !== undefined,
  },
  ...(account && { added: addedLater(account) }),
})

/** Identifiers and methods that came after the sign-up, with when: for a day they have no say about what is older. */
function addedLater({ createdAt, identifiers, factors = {} }: Account): { id: string; at: number }[] {
  const { totp } = factors
  return [
    ...identifiers.flatMap(({ kind, value, verifiedAt = 0, addedAt = 0 }) => {
      const at = Math.max(addedAt, verifiedAt)
      return at > createdAt ? [{ id: `${kind}:${value}`, at }] : []
    }),
    ...(totp ? [{ id: 'totp', at: totp.since }] : []),
  ]
}
