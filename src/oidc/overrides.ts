import Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { EngineAssurance } from './assurance.ts'
import type { Clients } from './clients.ts'
import { words } from './requirement.ts'

type OIDC = KoaContextWithOIDC['oidc']

/** What the engine's own request context must say differently here. */
export function correctContext(provider: Provider, { assurance, clients }: { assurance: EngineAssurance; clients: Clients }): void {
  const context = (provider as unknown as { OIDCContext: { prototype: OIDC } }).OIDCContext.prototype
  const prompts = Object.getOwnPropertyDescriptor(context, 'prompts')!.get!

  Object.defineProperties(context, {
    // The engine compares an essential acr by equality and keeps one acr per session; ours follows from the proofs.
    acr: { get(this: OIDC) { return assurance.statement(this).acr } },
    amr: { get(this: OIDC) { return assurance.statement(this).amr } },
    // The engine builds URLs from the Host header; ours come from config alone.
    urlFor: { value: (name: string, options?: Record<string, unknown>) => provider.urlFor(name, options) },
    // `offline_access` needs prompt=consent "unless other conditions are in place" (OpenID Connect Core 11): for
    // first-party clients, who are never asked for consent, being configured as such is that condition.
    prompts: {
      get(this: OIDC) {
        const asked = prompts.call(this) as Set<string>
        if (!this.client || !clients.get(this.client.clientId).latchkey.firstParty) return asked
        return Object.assign(asked, { has: (name: string) => name === 'consent' || Set.prototype.has.call(asked, name) })
      },
    },
  })

  provider.Session.prototype.authTime = function authTime() {
    return Provider.ctx ? assurance.statement(Provider.ctx.oidc).authTime : this.loginTs
  }
}

/** Whether the app really asked for a prompt that no stop of this request has resolved yet. */
export function promptAsked(oidc: OIDC, name: string): boolean {
  return words(oidc.params?.['prompt']).includes(name) && oidc.result?.[name] === undefined
}
