import { provable, sendsTo, strategiesFor, type ProvableKind } from '../policy/strategy.ts'
import type { Method, OtherMethod } from '../policy/types.ts'
import type { IdentifierKind } from '../storage/types.ts'
import type { ClientFile } from './client-schema.ts'
import type { Config } from './schema.ts'

/** Identifiers, their proof and what proves them, as they hold on the server, or at one app with its own settings. */
export type SetUp = {
  identifiers: Record<IdentifierKind, { signIn: boolean; signUp: 'required' | 'optional' | 'off' }>
  /** a username needs no proof */
  strategy: Config['verification']['strategy']
  methods: OtherMethod[]
}

export function serverSetUp({ identifiers, verification: { strategy, methods } }: Pick<Config, 'identifiers' | 'verification'>): SetUp {
  return { identifiers, strategy, methods }
}

/** Who an app lets sign in, and what its sign-up asks for. Its `methods` narrow what counts as a sign-in, not what proves an address. */
export function clientSetUp(server: SetUp, { latchkey }: Pick<ClientFile, 'latchkey'>): SetUp {
  const own = latchkey.identifiers
  return {
    identifiers: {
      email: { ...server.identifiers.email, ...own.email },
      phone: { ...server.identifiers.phone, ...own.phone },
      username: { ...server.identifiers.username, ...own.username },
    },
    strategy: strategiesFor(server.strategy, latchkey.verification.strategy),
    methods: server.methods,
  }
}

/** Sign-up asks for it. */
export const asksFor = ({ identifiers }: SetUp, kind: IdentifierKind): boolean => identifiers[kind].signUp !== 'off'

/** Somebody can have it. */
export const isInUse = (setUp: SetUp, kind: IdentifierKind): boolean => setUp.identifiers[kind].signIn || asksFor(setUp, kind)

/** Of the kinds that messages are sent to, those that sign-up asks for, but that nothing can prove. */
export const unprovable = (setUp: SetUp): ProvableKind[] =>
  provable.filter((kind) => asksFor(setUp, kind) && !setUp.methods.some((method) => sendsTo[method] === kind))

/** An account can have a username and nothing that a message reaches. */
export const usernameAlone = (setUp: SetUp): boolean =>
  asksFor(setUp, 'username') && provable.every((kind) => setUp.identifiers[kind].signUp !== 'required')

/** Of the kinds that sign-up asks for, those that stay unproven for good in an account that need not have any other. */
export function neverProven(setUp: SetUp): ProvableKind[] {
  const proven = provable.some((kind) => setUp.identifiers[kind].signUp === 'required' && setUp.strategy[kind] !== 'none')
  return proven ? [] : provable.filter((kind) => asksFor(setUp, kind) && setUp.strategy[kind] === 'none')
}

/** Why the pages tell who has an account, whatever `enumeration: protect` says, and by which setting; undefined where they do not. */
export function tellsApart(setUp: SetUp): { by: 'identifiers.username.signUp' | 'verification.strategy'; why: string } | undefined {
  if (asksFor(setUp, 'username')) return { by: 'identifiers.username.signUp', why: 'a username that is taken has to be refused' }
  const early = provable.filter((kind) => asksFor(setUp, kind) && setUp.strategy[kind] !== 'at_sign_up')
  return early.length > 0 ? { by: 'verification.strategy', why: `an unproven ${early.map(called).join(' or ')} that is taken has to be refused` } : undefined
}

/** Nobody has what this method is sent to. */
export const reachesNobody = (setUp: SetUp, method: Method): boolean => sendsTo[method] !== undefined && !isInUse(setUp, sendsTo[method])

export function called(kind: IdentifierKind): string {
  return { email: 'email', phone: 'phone number', username: 'username' }[kind]
}
