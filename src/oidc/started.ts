import type Provider from 'oidc-provider'
import type { Clock } from '../storage/types.ts'

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
