import type { Block, MailContext } from './layout.ts'

/** What can be done about what the mail says. */
export interface NotMe {
  /** the page that asks "Was this you?"; absent where there is nothing to be stopped */
  notMeUrl?: string
}

/** The button "This was not me"; where there is none, the operator's help. */
export function notMe({ t, brand }: MailContext, { notMeUrl }: NotMe): Block[] {
  if (notMeUrl !== undefined) return [{ button: t('not_me'), url: notMeUrl }]
  return brand.helpUrl === undefined ? [] : [t('help', { help: brand.helpUrl })]
}
