import html from 'escape-html-template-tag'
import type { ErrorCode } from '../../src/errors.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { wait } from '../parts/wait.ts'

/** Where the page leads: a step of the sign-in or a registered address, never one from the request. */
export interface NextStep {
  kind: 'try_again' | 'other_way' | 'passkey' | 'continue' | 'help' | 'open_host' | 'open_app' | 'open_account' | 'start_again'
  url: string
}

export interface ErrorProps {
  code: ErrorCode
  params?: Record<string, string | number>
  /** finds the log line */
  reference: string
  /** already written out */
  time: string
  /** nowhere to go on to: words say so */
  next?: NextStep
  /** s */
  retryAfter?: number
  developer?: { error: string; field?: string; description?: string }
}

/** What happened, what to do next, and a reference. */
export function errorPage(page: PageContext, props: ErrorProps): Html {
  const { t } = page
  const { title, text } = words(page, props)
  const { next } = props
  return layout(page, {
    title,
    error: true,
    body: [
      heading(page, title, { toApp: false, icon: props.code === 'store_unavailable' ? 'clock' : 'problem' }),
      html`<p>${text}</p>`,
      next ? linkButton(label(page, next), next.url, 'primary') : html`<p class="next">${t('error.no_start')}</p>`,
      when(props.code === 'stopped_by_rule' ? page.theme.helpUrl : undefined, (url) => linkButton(t('page.help'), url)),
      when(
        props.developer,
        ({ error, field, description }) =>
          html`<details><summary>${t('error.developer')}</summary><dl class="facts"><div><dt>${t('error.name')}</dt><dd><code>${error}</code></dd></div>${when(
            field,
            (name) => html`<div><dt>${t('error.field')}</dt><dd><code>${name}</code></dd></div>`,
          )}${when(
            description,
            (words) => html`<div><dt>${t('error.description')}</dt><dd><code>${words}</code></dd></div>`,
          )}</dl></details>`,
      ),
      html`<p class="reference"><span>${t('error.reference', { reference: props.reference })} · <time>${props.time}</time></span> <button class="link" type="button" data-copy="${props.reference}" data-copied="${t('page.copied')}" hidden>${t('page.copy')}</button></p>`,
      html`<div class="status" role="status"></div>`,
    ],
  })
}

function words(page: PageContext, { code, params = {}, retryAfter }: ErrorProps): { title: string; text: string } {
  const { t, theme } = page
  const host = params['host'] ?? page.host
  const app = page.app?.name
  const title =
    code === 'client_setup'
      ? app
        ? t('error.client_setup.title', { app })
        : t('error.client_setup.title_plain')
      : t(`error.${code}.title`)
  switch (code) {
    case 'cookie_missing':
    case 'wrong_address':
      return { title, text: host ? t(`error.${code}.text`, { host }) : t(`error.${code}.text_plain`) }
    case 'throttled':
    case 'store_unavailable':
      return { title, text: t(`error.${code}.text`, { wait: wait(page, retryAfter ?? (code === 'throttled' ? 300 : 30)) }) }
    default:
      return { title, text: t(`error.${code}.text`, { brand: theme.name }) }
  }
}

function label({ t, app, host }: PageContext, { kind }: NextStep): string {
  switch (kind) {
    case 'try_again':
      return t('page.try_again')
    case 'other_way':
      return t('page.other_way')
    case 'passkey':
      return t('passkey.sign_in')
    case 'continue':
      return t('page.continue')
    case 'help':
      return t('page.help')
    case 'open_account':
      return t('error.open_account')
    case 'open_host':
      return host ? t('error.open_host', { host }) : t('error.start_again')
    case 'open_app':
      return app ? t('error.open', { app: app.name }) : t('error.start_again')
    case 'start_again':
      return app ? t('error.start_again_at', { app: app.name }) : t('error.start_again')
  }
}
