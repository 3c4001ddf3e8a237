import type { KoaContextWithOIDC } from 'oidc-provider'
import { answer, assess, type Answer, type Requirement } from '../policy/assurance.ts'
import { attainable } from '../policy/types.ts'
import type { Clock } from '../storage/types.ts'
import type { Clients } from './clients.ts'
import { requirementOf } from './requirement.ts'
import { proofsOf } from './sessions.ts'
import { startOf } from './started.ts'

type OIDC = KoaContextWithOIDC['oidc']

/** What discovery lists (`acr_values_supported`): what something can reach. */
export const supportedAcrs: string[] = attainable

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
