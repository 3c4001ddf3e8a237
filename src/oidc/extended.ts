import type { Middleware } from 'koa'
import Provider from 'oidc-provider'

type ResponseMode = Parameters<Provider['registerResponseMode']>[1]

/** The engine with what it has no options for: our `form_post` page, and middleware that stays next to its routes. */
export function extendProvider({ formPost, innermost }: { formPost: ResponseMode; innermost: Middleware }) {
  return class extends Provider {
    /** It registers its own while it is constructed, and keeps the first of each name. */
    override registerResponseMode(name: string, handler: ResponseMode): void {
      super.registerResponseMode(name, name === 'form_post' ? formPost : handler)
    }

    /** What the application adds goes around ours, so that its error handler and headers apply to our pages too. */
    override use: Provider['use'] = (added) => {
      const stack = this.middleware as unknown[]
      const place = stack.indexOf(innermost)
      if (place < 0) return super.use(added)
      stack.splice(place, 0, added)
      return this as never
    }
  }
}
