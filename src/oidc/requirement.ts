import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { ClientConfig } from '../config/schema.ts'
import { answer, assess, type Answer, type Requirement } from '../policy/assurance.ts'
import { attainable } from '../policy/types.ts'
import type { Clock } from '../storage/types.ts'
import type { Clients } from './clients.ts'
import { proofsOf } from './sessions.ts'

type OIDC = KoaContextWithOIDC['oidc']
type Params = { readonly [name: string]: unknown }

/** What discovery lists (`acr_values_supported`): what something can reach. */
export const supportedAcrs: string[] = attainable

/** What the request, its client and its prompt ask for. `startedAt` (ms): when the request arrived. */
export function requirementOf(params: Params, client: ClientConfig, startedAt: number): Requirement {
  const { minimumAcr, maximumAge, methods, alwaysReauthenticate } = client.latchkey
  const ages = [params['max_age'], maximumAge].filter((age) => age !== undefined).map(Number)
  const claim = acrClaim(params['claims'])
  return {
    acrValues: claim?.values ?? words(params['acr_values']),
    essential: claim?.essential ?? false,
    ...(minimumAcr && { minimumAcr }),
    ...(ages.length > 0 && { maxAge: Math.min(...ages) }),
    ...((alwaysReauthenticate || words(params['prompt']).includes('login')) && { freshSince: startedAt }),
    ...(methods && { methods }),
  }
}

/** The part without which no answer may be given: plain `acr_values` are a wish (OpenID Connect Core 3.1.2.1). */
export function mandatory(requirement: Requirement): Requirement {
  return requirement.essential ? requirement : { ...requirement, acrValues: [] }
}

/** Judges the session of an authorization request. */
export function createAssurance({ clients, clock }: { clients: Clients; clock: Clock }) {
  function requirement(oidc: OIDC): Requirement {
    return requirementOf(oidc.params ?? {}, clients.get(oidc.client!.clientId), startedAt(oidc))
  }

  function startedAt(oidc: OIDC): number {
    return oidc.entities.Interaction ? startOf(oidc.entities.Interaction, clock) : clock.now()
  }

  return {
    requirement,
    judge: (oidc: OIDC, asked: Requirement): Answer => answer(proofsOf(oidc.session), asked, startedAt(oidc)),
    /** what the tokens say */
    statement(oidc: OIDC): Pick<Answer, 'acr' | 'amr' | 'authTime'> {
      const proofs = proofsOf(oidc.session)
      const judged = answer(proofs, requirement(oidc), startedAt(oidc))
      return judged.acr ? judged : assess(proofs) ?? {}
    },
  }
}
export type EngineAssurance = ReturnType<typeof createAssurance>

interface Started { iat?: number; since?: number; result?: object | undefined; lastSubmission?: object | undefined }

/** The engine knows the second in which an interaction began; a proof of that second may be older than the request. */
export function keepStarts(provider: Provider, clock: Clock): void {
  const { Interaction } = provider as unknown as { Interaction: { IN_PAYLOAD: string[]; prototype: Started & { save(ttl: number): Promise<string> } } }
  Object.defineProperty(Interaction, 'IN_PAYLOAD', { value: [...Interaction.IN_PAYLOAD, 'since'] })
  const { save } = Interaction.prototype
  Interaction.prototype.save = function (ttl) {
    this.since ??= clock.now()
    return save.call(this, ttl)
  }
}

/** When an authorization request began, over all its stops (ms by the store's clock). */
export function startOf(interaction: Started, clock: Clock): number {
  const { since = interaction.since } = { ...interaction.lastSubmission, ...interaction.result } as { since?: number }
  return since ?? (interaction.iat ?? 0) * 1000 + clock.now() - Date.now()
}

export function words(value: unknown): string[] {
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : []
}

/** The `acr` member of the claims parameter (OpenID Connect Core 5.5.1.1), when it names values. */
function acrClaim(claims: unknown): { values: string[]; essential: boolean } | undefined {
  if (typeof claims !== 'string') return undefined
  const request = (JSON.parse(claims) as { id_token?: { acr?: unknown } }).id_token?.acr
  if (typeof request !== 'object' || request === null) return undefined
  const { value, values, essential } = request as { value?: unknown; values?: unknown; essential?: unknown }
  const named = [value, ...(Array.isArray(values) ? values : [])].filter((acr) => typeof acr === 'string')
  return named.length > 0 ? { values: named, essential: essential === true } : undefined
}
