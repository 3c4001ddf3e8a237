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

export interface CreationButtonsProps {
  /** the first leads */
  choices: Choice[]
  kind?: ButtonKind
  /** "Try again" and the like; else what the place asks for */
  label?: string
  auto?: string | undefined
  conditional?: boolean | undefined
}

/** The button of the place that leads, and in smaller print the other place. */
export function creationButtons(page: PageContext, { choices: [first, second], kind = 'primary', label, auto, conditional }: CreationButtonsProps): (Html | '')[] {
  const { t } = page
  if (!first) return []
  const here = first.place === 'here'
  const lead = passkeyCreateForm(page, { ...first, label: label ?? t(here ? 'login.passkey_create.create' : 'creation.show'), kind, ...(here && { auto, conditional }) })
  return [lead, second ? otherPlace(page, second) : '']
}

/** "Use this device", "Use a phone or security key" */
export function otherPlace(page: PageContext, choice: Choice, kind: ButtonKind = 'link'): Html {
  return passkeyCreateForm(page, { ...choice, label: page.t(`creation.${choice.place}`), kind })
}

/** What to do with a phone or a key. */
export function elsewhereSteps({ t }: PageContext): Html {
  return html`<p>${t('creation.scan')}</p><p>${t('creation.key')}</p>`
}
