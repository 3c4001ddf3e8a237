import html from 'escape-html-template-tag'
import type { Html } from '../page.ts'
import { breakable } from './breakable.ts'
import { attributes } from './form.ts'
import { icon, type IconName } from './icons.ts'

/** One `primary` per screen, or `danger` where something is lost; `outline` beside it; `link` looks like a link and does what a link must not. */
export type ButtonKind = 'primary' | 'outline' | 'link' | 'danger'

const classes: Record<ButtonKind, string> = { primary: 'button primary', outline: 'button outline', link: 'link', danger: 'button danger-fill' }

export interface ButtonProps {
  kind?: ButtonKind
  icon?: IconName
  attributes?: Record<string, string | number | boolean | undefined>
}

/** A submit button; name and value travel with the form. */
export function button(text: string, { kind = 'outline', icon: name, attributes: more = {} }: ButtonProps = {}): Html {
  return html`<button class="${classes[kind]}"${attributes({ type: 'submit', ...more })}>${name ? icon(name) : ''}<span>${breakable(text)}</span></button>`
}

/** A way on that changes nothing and so is a link. */
export function linkButton(text: string, href: string, kind: ButtonKind = 'outline', more: ButtonProps['attributes'] = {}): Html {
  return html`<a class="${classes[kind]}" href="${href}"${attributes(more)}><span>${breakable(text)}</span></a>`
}
