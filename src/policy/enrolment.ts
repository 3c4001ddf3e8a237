import { kindOf, type Method, type Proof } from './types.ts'

/** ms: what changes how an account is opened needs a proof that is no older */
export const enrolmentWindow = 5 * 60 * 1000

export interface EnrolmentFacts {
  /** ms since 1970, by the store's clock */
  now: number
  /** of this session and interaction, all of this account */
  proofs: Proof[]
  account: { createdInThisInteraction: boolean; passkeyIds: string[] }
  /** this browser finished a sign-in to the account before this session and over 24 h ago, and nobody disowned it */
  deviceRecognised: boolean
  /** the methods that the account has and that work here */
  otherKindsHere: Method[]
}

export type EnrolmentDecision =
  | { allow: true; cooling: boolean; notice: boolean }
  /** `way`: what the page offers to make it a yes */
  | { allow: false; way: 'sign_in' | 'passkey' | 'other_kind' | 'recovery' }

interface Row {
  account: (facts: EnrolmentFacts) => boolean
  proof: (rights: Proof[], facts: EnrolmentFacts) => boolean
  decision: EnrolmentDecision
}

const isNew: Row['account'] = ({ account }) => account.createdInThisInteraction
const hasPasskey: Row['account'] = ({ account }) => account.passkeyIds.length > 0
const hasNone: Row['account'] = (facts) => !hasPasskey(facts)

const any: Row['proof'] = (rights) => rights.length > 0
const by = (method: Method): Row['proof'] => (rights) => rights.some((proof) => proof.method === method)
/** enough of them: on a browser that is new to the account also one of a second kind, if there is one to ask for */
const enough: Row['proof'] = (rights, { deviceRecognised, otherKindsHere }) => {
  const kinds = new Set(rights.map((proof) => kindOf(proof.method) ?? proof.method))
  const another = otherKindsHere.some((method) => !kinds.has(kindOf(method) ?? method))
  return rights.length > 0 && (deviceRecognised || kinds.size > 1 || !another)
}
const enoughWithoutRecovery: Row['proof'] = (rights, facts) =>
  enough(rights.filter((proof) => proof.method !== 'recovery_code'), facts)

/** The guard: the first row that fits decides. A recovery code opens the door too, but what enters by it has to cool. */
const rows: Row[] = [
  { account: isNew, proof: any, decision: { allow: true, cooling: false, notice: false } },
  { account: hasNone, proof: enoughWithoutRecovery, decision: { allow: true, cooling: false, notice: true } },
  { account: hasNone, proof: enough, decision: { allow: true, cooling: true, notice: true } },
  { account: hasNone, proof: any, decision: { allow: false, way: 'other_kind' } },
  { account: hasPasskey, proof: by('passkey'), decision: { allow: true, cooling: false, notice: true } },
  { account: hasPasskey, proof: by('recovery_code'), decision: { allow: true, cooling: true, notice: true } },
  { account: hasPasskey, proof: () => true, decision: { allow: false, way: 'passkey' } },
]

/** Whether a passkey may be added now: the one choke point for every addition. */
export function mayAddPasskey(facts: EnrolmentFacts): EnrolmentDecision {
  const rights = facts.proofs.filter((proof) => facts.now - proof.at <= enrolmentWindow && hasRights(proof))
  const row = rows.find((row) => row.account(facts) && row.proof(rights, facts))
  return row?.decision ?? { allow: false, way: 'sign_in' }
}

/** Who can be talked out of a code although a passkey was at hand must not get a key cut with it. */
function hasRights(proof: Proof): boolean {
  return kindOf(proof.method) === undefined || !proof.usablePasskey
}
