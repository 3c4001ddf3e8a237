import html from 'escape-html-template-tag'
import type { ErrorCode } from '../../src/errors.ts'
import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { linkButton } from '../parts/button.ts'
import { heading } from '../parts/heading.ts'
import { wait } from '../parts/wait.ts'

export interface ErrorProps {
  code: ErrorCode
  params?: Record<string, string | number>
  /** finds the log line */
  reference: string
  /** already written out */
  time: string
  /** where the person can start again: a registered address, never one from the request */
  startUrl?: string
  appName?: string
  /** s */
  retryAfter?: number
  developer?: { error: string; description?: string }
}

/** What happened, what to do next, and a reference. */
export function errorPage(page: PageContext, props: ErrorProps): Html {
  const { t } = page
  const { title, text } = words(page, props)
  const next = nextStep(page, props)
  return layout(page, {
    title,
    error: true,
    body: [
      heading(page, title, { toApp: false, icon: props.code === 'store_unavailable' ? 'clock' : 'problem' }),
      html`<p>${text}</p>`,
      next ? linkButton(next.label, next.url, 'primary') : html`<p class="next">${t('error.no_start')}</p>`,
      when(
        props.developer,
        ({ error, description }) =>
          html`<details><summary>${t('error.developer')}</summary><dl class="facts"><div><dt>${t('error.field')}</dt><dd><code>${error}</code></dd></div>${when(
            description,
            (words) => html`<div><dt>${t('error.description')}</dt><dd><code>${words}</code></dd></div>`,
          )}</dl></details>`,
      ),
      html`<p class="reference"><span>${t('error.reference', { reference: props.reference })} · <time>${props.time}</time></span> <button class="link" type="button" data-copy="${props.reference}" data-copied="${t('page.copied')}" hidden>${t('page.copy')}</button></p>`,
      html`<div class="status" role="status"></div>`,
    ],
  })
}

function words(page: PageContext, { code, params = {}, appName, retryAfter }: ErrorProps): { title: string; text: string } {
  const { t, theme } = page
  const host = params['host'] ?? page.host
  const app = appName ?? page.app?.name
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

/** Codes after which the step that is due, in this same sign-in, is the way on. */
const samePlace: ErrorCode[] = ['already_exists', 'bad_request', 'body_too_large', 'unsupported_media_type', 'csrf', 'step_done', 'throttled', 'internal', 'method_not_allowed']

function nextStep(page: PageContext, { code, startUrl, appName }: ErrorProps): { label: string; url: string } | undefined {
  const { t } = page
  const start = startUrl ?? page.app?.homeUrl
  const app = appName ?? page.app?.name
  if (code === 'store_unavailable') return { label: t('page.try_again'), url: page.path }
  // The bare address may show an earlier screen than the one that is due.
  if (code === 'step_done' && startUrl) return { label: t('page.continue'), url: startUrl }
  if (page.base && samePlace.includes(code)) return { label: t(code === 'step_done' ? 'page.continue' : 'page.try_again'), url: `${page.base}?due` }
  if (code === 'account_off' && page.theme.helpUrl) return { label: t('page.help'), url: page.theme.helpUrl }
  if (!start) return undefined
  if (code === 'wrong_address') return { label: page.host ? t('error.open_host', { host: page.host }) : t('error.start_again'), url: start }
  if (code === 'client_setup' && app) return { label: t('error.open', { app }), url: start }
  return { label: app ? t('error.start_again_at', { app }) : t('error.start_again'), url: start }
}
