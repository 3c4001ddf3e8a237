import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Config } from '../config/schema.ts'
import type { Proof } from '../policy/types.ts'

/** The engine's session with our proofs in it. `transient`: it ends with the browser; undefined = nobody signed in yet. */
interface ProvenSession { accountId?: string | undefined; transient?: boolean; proofs?: Proof[] }
interface StoredSession { iat?: number | undefined; transient?: boolean | undefined }
type Settings = Config['sessions']

/**
 * Proofs live in the session's own record: they are written, found, rotated, expired and deleted with it, at no further
 * store call, and can neither outlive it nor be missing from it after a crash.
 */
export function keepProofsInSessions(provider: Provider): void {
  const fields = (provider.Session as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD
  Object.defineProperty(provider.Session, 'IN_PAYLOAD', { value: [...fields, 'proofs'] })
  const ofGrants = (provider.Grant as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD
  Object.defineProperty(provider.Grant, 'IN_PAYLOAD', { value: [...ofGrants, 'proofs'] })
  provider.on('interaction.ended', adoptProofs)
}

/** Keeps these and no others. */
export function setProofs(session: object, proofs: Proof[]): void {
  Object.assign(session, { proofs })
}

/** What was proven by the account that the session belongs to; of a grant, what it was given by. */
export function proofsOf(session: object | undefined): Proof[] {
  const { accountId, proofs = [] } = (session ?? {}) as ProvenSession
  return proofs.filter((proof) => proof.accountId === accountId)
}

/**
 * Who stays signed in, and for how long. The session of somebody who does not is a cookie that ends with the browser, and
 * a short life without being used: the browser of a shared computer may never be closed.
 */
export function limitSessions(provider: Provider, settings: Settings): void {
  const { Session } = provider as unknown as { Session: { verify(stored: StoredSession, options?: object): Promise<object> } }
  const verify = Session.verify.bind(Session)
  // The engine looks at the end that was stored; a limit that was lowered since then counts too.
  Session.verify = async (stored, options) => {
    if (endOf(stored, settings) <= epoch()) throw new Error('the session is over')
    return verify(stored, options)
  }
  provider.on('interaction.ended', ({ oidc }: KoaContextWithOIDC) => {
    if (!oidc.session || !oidc.result?.login) return
    const session = oidc.session as ProvenSession
    session.transient = isTransient(settings.keepSignedIn, oidc.result.login.remember, session.transient)
  })
}

/** ms: nobody is signed in; it only keeps a sign-out or a login apart from others while it is under way, and anybody can begin one */
const nobodysLife = 60 * 60 * 1000

/** seconds: how long a session lives on without being used */
export function sessionLife(session: StoredSession & { accountId?: string | undefined }, settings: Settings): number {
  const signedIn = session.transient ? Math.min(settings.shared, settings.idle) : settings.idle
  const idle = session.accountId === undefined ? Math.min(nobodysLife, settings.idle) : signedIn
  return Math.max(1, Math.ceil(Math.min(idle / 1000, endOf(session, settings) - epoch())))
}

function isTransient(keepSignedIn: Settings['keepSignedIn'], remember: boolean | undefined, before: boolean | undefined): boolean {
  if (keepSignedIn !== 'ask') return keepSignedIn === 'never'
  return remember === undefined ? before ?? true : !remember
}

/** seconds since 1970: a session ends so long after it began, however much it is used */
const endOf = ({ iat }: StoredSession, { absolute }: Settings): number => (iat ?? epoch()) + absolute / 1000

const epoch = () => Math.floor(Date.now() / 1000)

/** At resume the engine has signed the account in; what the interaction proved joins what the session had of the same account. */
function adoptProofs({ oidc }: KoaContextWithOIDC): void {
  const added = (oidc.result?.['proofs'] ?? []) as Proof[]
  if (!oidc.session || added.length === 0) return
  const session = oidc.session as ProvenSession
  const own = added.filter((proof) => proof.accountId === session.accountId)
  session.proofs = newestOfEach([...proofsOf(session), ...own])
}

/** One proof per way of proving, so that a session that signs in for years does not grow. */
export function newestOfEach(proofs: Proof[]): Proof[] {
  const newest = new Map<string, Proof>()
  for (const proof of proofs.toSorted((a, b) => a.at - b.at)) {
    const { method, credentialId, identifier, usablePasskey, signUp } = proof
    newest.set(JSON.stringify([method, credentialId, identifier, usablePasskey, signUp]), proof)
  }
  return [...newest.values()]
}
