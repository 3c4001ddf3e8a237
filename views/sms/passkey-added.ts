import type { TextContext } from './index.ts'
import { firstThatFits } from './gsm.ts'

/** No link: people are to type where they go, as they would for any text that says something is wrong. */
export function passkeyAddedText({ t, brand }: TextContext): string {
  const values = { brand: brand.name, host: brand.host }
  return firstThatFits([t('passkey_added', values), t('passkey_added.short', values)])
}
