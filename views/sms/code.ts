import type { TextContext } from './index.ts'
import { firstThatFits } from './gsm.ts'

export interface CodeTextProps {
  code: string
  /** what the person is going on to */
  app: string
  /** ms for which the code works */
  life: number
}

/**
 * The code comes first: it is all that a locked screen shows. The last line binds it to our site, so that a phone offers
 * it for filling in there alone (https://wicg.github.io/sms-one-time-codes/). Names that are too long are left out before
 * a second message is needed; who goes on to us ourselves is told our name once.
 */
export function codeText({ t, brand }: TextContext, { code, app, life }: CodeTextProps): string {
  const values = { code, brand: brand.name, app, minutes: Math.floor(life / 60_000) }
  // the format knows no ports
  const bound = (words: string) => `${words}\n\n@${brand.host.replace(/:\d+$/, '')} #${code}`
  return firstThatFits([...(app === brand.name ? [] : [bound(t('code', values))]), bound(t('code.short', values)), bound(t('code.shortest', values))])
}
