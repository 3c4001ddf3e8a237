import type { KoaContextWithOIDC } from 'oidc-provider'
import { answer, assess, type Answer, type Requirement } from '../policy/assurance.ts'
import { proofsAt } from '../policy/downgrade.ts'
import type { CrossDevice } from '../policy/cross-device.ts'
import { attainable, type Proof } from '../policy/types.ts'
import type { Clock } from '../storage/types.ts'
import type { Clients } from './clients.ts'
import { requirementOf } from './requirement.ts'
import { proofsOf } from './sessions.ts'
import { startOf } from './started.ts'

type OIDC = KoaContextWithOIDC['oidc']

/** What discovery lists (`acr_values_supported`): what something can reach. */
export const supportedAcrs: string[] = attainable

/** Judges the session of an authorization request, by what its app takes. */
export function createAssurance({ clients, crossDeviceAt, clock }: { clients: Clients; crossDeviceAt(clientId: string): CrossDevice; clock: Clock }) {
  const proofsFor = (oidc: OIDC): Proof[] => proofsAt(proofsOf(oidc.session), crossDeviceAt(oidc.client!.clientId))

  function requirement(oidc: OIDC): Requirement {
    return requirementOf(oidc.params ?? {}, clients.get(oidc.client!.clientId), startedAt(oidc))
  }

  function startedAt(oidc: OIDC): number {
    return oidc.entities.Interaction ? startOf(oidc.entities.Interaction, clock) : clock.now()
  }

  return {
    requirement,
    proofsFor,
    judge: (oidc: OIDC, asked: Requirement): Answer => answer(proofsFor(oidc), asked, startedAt(oidc)),
    /** what the tokens say */
    statement(oidc: OIDC): Pick<Answer, 'acr' | 'amr' | 'authTime'> {
      const proofs = proofsFor(oidc)
      const judged = answer(proofs, requirement(oidc), startedAt(oidc))
      return judged.acr ? judged : assess(proofs) ?? {}
    },
  }
}
export type EngineAssurance = ReturnType<typeof createAssurance>
