import Provider from 'oidc-provider'
import type { BrowserOf } from './types.ts'

/**
 * The engine binds an interaction to a browser by cookies with a path, which a sibling domain can plant in another
 * browser: whoever finished the login there would have signed in the one who planted them. So the browser that resumes
 * has to be the one that finished, by a cookie that cannot be planted on https (`__Host-`, RFC 6265bis 4.1.3.2); one
 * without it resumes nothing, since it can be pushed out of a browser. What is done before the end is bound in the same
 * way by the login itself (`login/flow.ts`).
 */
export function refuseOtherBrowsers(provider: Provider, browserOf: BrowserOf): void {
  const { Interaction } = provider
  const find = Interaction.find.bind(Interaction) as (id: string) => Promise<InstanceType<typeof Interaction> | undefined>
  async function findOwn(id: string) {
    const interaction = await find(id)
    const ctx = Provider.ctx
    if (ctx?.oidc?.route !== 'resume' || interaction?.result === undefined) return interaction
    const browser = browserOf(ctx)
    return browser !== undefined && interaction.result['browser'] === browser ? interaction : undefined
  }
  Object.assign(Interaction, { find: findOwn })
}
