import type { PageApp, PageContext } from '../page.ts'

/** "Continue to Example Shop"; without an app: "Continue". */
export function onwards({ t, app }: Pick<PageContext, 't' | 'app'>): string {
  if (!app) return t('page.continue')
  return app.own ? t('page.continue_to_account') : t('page.continue_to_app', { app: app.name })
}

/** "Go back to Example Shop" */
export const backwards = ({ t }: Pick<PageContext, 't'>, app: PageApp): string => (app.own ? t('page.back_to_account') : t('page.back_to_app', { app: app.name }))
