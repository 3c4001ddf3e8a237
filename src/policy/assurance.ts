import { AppError } from '../errors.ts'
import { attainable, kindOf, ladder, rankOf, unprovenAcr, type Acr, type Kind, type Method, type Proof, type ProofMethod } from './types.ts'

/** What an authorization request, its client and its prompt ask for. */
export interface Requirement {
  /** any of these, in the order of the request; [] = none asked */
  acrValues: string[]
  /** asked by an essential `acr` claim: answering with less is an error */
  essential: boolean
  /** the client's own floor, on top of `acrValues` */
  minimumAcr?: Acr
  /** seconds (OpenID Connect Core 3.1.2.1) */
  maxAge?: number
  /** ms since 1970: proofs must be at or after it (prompt=login, or a client that always asks anew) */
  freshSince?: number
  /** what the client lets count: proofs by other methods do not; absent = all */
  methods?: Method[]
}

/** What the tokens can say: a rung of the ladder, or that nothing was proven. */
export type TokenAcr = Acr | typeof unprovenAcr

/** What the tokens say. All three describe the same proofs: the newest that the acr needs. */
export interface Assurance {
  acr: TokenAcr
  /** RFC 8176 */
  amr: string[]
  /** seconds since 1970: the oldest of these proofs */
  authTime: number
}

export interface Answer extends Partial<Omit<Assurance, 'acr'>> {
  /** nothing more is to be asked */
  met: boolean
  /** the first requested value that the proofs reach, else their own; absent without a proof that counts */
  acr?: TokenAcr
  /** present when not met */
  missing?: {
    /** any of these would do; undefined = any proof will do; [] = nothing that a person could do here */
    acr?: Acr[]
    /** there are proofs, but they are too old */
    fresh?: boolean
  }
}

const methodReferences: Record<ProofMethod, string[]> = {
  sign_up: [],
  passkey: ['pop', 'user', 'mfa'],
  email_otp: ['otp'],
  email_link: ['otp'],
  sms_otp: ['sms'],
  totp: ['otp'],
  recovery_code: ['otp'],
}

/** The assurance that proofs of one account give; undefined without proofs. */
export function assess(proofs: Proof[]): Assurance | undefined {
  const acr = own(proofs)
  return acr && describe(proofs, acr)
}

/** The level that the proofs have by themselves; undefined without proofs. */
const own = (proofs: Proof[]): TokenAcr | undefined => highest(proofs) ?? (proofs.length > 0 ? unprovenAcr : undefined)

/**
 * Judges proofs of one account against a requirement. `now` (ms) is when the request arrived, so that a proof made for
 * it always satisfies its `max_age`, 0 included. An unmet plain request still carries the true acr to answer with.
 */
export function answer(proofs: Proof[], requirement: Requirement, now: number): Answer {
  const since = Math.max(requirement.freshSince ?? -Infinity, now - (requirement.maxAge ?? Infinity) * 1000)
  const allowed = proofs.filter(({ method }) => method === 'sign_up' || (requirement.methods?.includes(method) ?? true))
  const counting = allowed.filter((proof) => proof.at >= since)
  const level = own(counting)
  const targets = targetsOf(requirement)
  if (level === undefined || (targets && !targets.some((target) => reaches(level, target)))) {
    return {
      met: false,
      ...(level && describe(counting, level)),
      missing: { ...(targets && { acr: targets }), ...(counting.length < allowed.length && { fresh: true }) },
    }
  }
  const requested = requirement.acrValues.filter(isAttainable).find((acr) => reaches(level, acr))
  const acr = requested ?? level
  return { met: true, ...describe(counting, strongest(acr, requirement.minimumAcr)), acr }
}

/** The most that these methods can reach together; undefined = all methods. */
export function ceiling(methods: Method[] | undefined): Acr {
  const proofs = methods?.map((method): Proof => ({ method, at: 0, accountId: '', usablePasskey: false }))
  return (proofs ? highest(proofs) : attainable.at(-1)) ?? ladder[0]
}

/** The acrs of which one must be reached: undefined = none asked, [] = asked for what nothing can reach. */
function targetsOf({ acrValues, essential, minimumAcr, methods }: Requirement): Acr[] | undefined {
  const most = ceiling(methods)
  const isWithin = (acr: Acr): boolean => isAttainable(acr) && reaches(most, acr)
  if (minimumAcr && !isWithin(minimumAcr)) return []
  const requested = acrValues.filter(isAttainable).filter(isWithin)
  if (requested.length > 0) return [...new Set(requested.map((acr) => strongest(acr, minimumAcr)))]
  if (acrValues.length > 0 && essential) return []
  return minimumAcr && [minimumAcr]
}

function highest(proofs: Proof[]): Acr | undefined {
  return attainable.findLast((acr) => needed(proofs, acr) !== undefined)
}

function describe(proofs: Proof[], acr: TokenAcr): Assurance {
  if (acr === unprovenAcr) return { acr, amr: [], authTime: Math.floor(Math.max(...proofs.map(({ at }) => at)) / 1000) }
  const used = needed(proofs, acr)
  if (!used) throw new AppError('internal', `the proofs do not reach ${acr}`)
  const amr = new Set(used.flatMap((proof) => methodReferences[proof.method]))
  if (used.length > 1) amr.add('mfa')
  return { acr, amr: [...amr], authTime: Math.floor(Math.min(...used.map((proof) => proof.at)) / 1000) }
}

/** The newest proofs that reach the acr, undefined when none do. A stronger proof reaches every rung below it. */
function needed(proofs: Proof[], acr: Acr): Proof[] | undefined {
  if (new Set(proofs.map((proof) => proof.accountId)).size > 1) throw new AppError('internal', 'proofs of two accounts')
  const newestFirst = proofs.toSorted((a, b) => b.at - a.at)
  const alone = newestFirst.find((proof) => reaches(rungAlone(proof), acr))
  const pair = reaches('urn:latchkey:acr:mfa', acr) ? twoKinds(newestFirst) : undefined
  if (!alone) return pair
  return pair && pair.every((proof) => proof.at > alone.at) ? pair : [alone]
}

function rungAlone(proof: Proof): TokenAcr {
  if (proof.method === 'sign_up') return unprovenAcr
  if (proof.method === 'passkey') return 'phr'
  return proof.method === 'recovery_code' ? 'urn:latchkey:acr:recovery' : 'urn:latchkey:acr:1fa'
}

/** The newest proof of each of the two newest kinds. Where a passkey could have been used, nothing phishable adds up. */
function twoKinds(newestFirst: Proof[]): Proof[] | undefined {
  const newestOfKind = new Map<Kind, Proof>()
  for (const proof of newestFirst) {
    const kind = kindOf(proof.method)
    if (kind && !proof.usablePasskey && !newestOfKind.has(kind)) newestOfKind.set(kind, proof)
  }
  const pair = [...newestOfKind.values()].slice(0, 2)
  return pair.length === 2 ? pair : undefined
}

function isAttainable(acr: string): acr is Acr {
  return (attainable as string[]).includes(acr)
}

function reaches(acr: TokenAcr, wanted: TokenAcr): boolean {
  return rankOf(acr) >= rankOf(wanted)
}

function strongest<A extends TokenAcr>(acr: A, other: Acr | undefined): A | Acr {
  return other && reaches(other, acr) ? other : acr
}
