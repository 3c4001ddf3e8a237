import html from 'escape-html-template-tag'
import type { Place } from '../../src/policy/cross-device.ts'
import type { Html, PageContext } from '../page.ts'
import { passkeyCreateForm } from './passkey.ts'
import type { ButtonKind } from './button.ts'

/** A place where a passkey may be made, with the browser's request for it. */
export interface Choice {
  place: Place
  /** `timeout` in ms */
  options: { challenge: string; timeout?: number }
}

export interface CreationButtonProps {
  kind?: ButtonKind
  /** "Try again" and the like; else what the place asks for */
  label?: string
  auto?: string | undefined
  conditional?: boolean | undefined
}

/** The button of the place that leads. A QR code opens by a press alone. */
export function creationButton(page: PageContext, choice: Choice, { kind = 'primary', label, auto, conditional }: CreationButtonProps = {}): Html {
  const here = choice.place === 'here'
  return passkeyCreateForm(page, { ...choice, label: label ?? page.t(here ? 'login.passkey_create.create' : 'creation.show'), kind, ...(here && { auto, conditional }) })
}

/** "Use this device", "Use a phone or security key": where there is another place, in smaller print. */
export function otherPlace(page: PageContext, choice: Choice | undefined, label?: string): Html | '' {
  return choice ? passkeyCreateForm(page, { ...choice, label: label ?? page.t(`creation.${choice.place}`), kind: 'link' }) : ''
}

/** What to do with a phone or a key. */
export function elsewhereSteps({ t }: PageContext): Html {
  return html`<p>${t('creation.scan')}</p><p>${t('creation.key')}</p>`
}
