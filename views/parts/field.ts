import html from 'escape-html-template-tag'
import type { Html, PageContext } from '../page.ts'
import { when } from '../page.ts'
import { attributes } from './form.ts'
import { icon } from './icons.ts'

export interface FieldProps {
  id: string
  label: string
  hint?: string | undefined
  error?: string | undefined
  input: Record<string, string | number | boolean | undefined>
}

/** Label, hint, error, input, in this order, tied together for screen readers. */
export function field(page: PageContext, { id, label, hint, error, input }: FieldProps): Html {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ')
  return html`<div class="field${error ? ' wrong' : ''}"><label for="${id}">${label}</label>${when(
    hint,
    (text) => html`<p class="hint" id="${id}-hint">${text}</p>`,
  )}${when(
    error,
    (text) => html`<p class="field-error" id="${id}-error">${icon('problem')}<span><span class="visually-hidden">${page.t('page.error')} </span>${text}</span></p>`,
  )}<input${attributes({ id, name: id, required: true, ...input, 'aria-invalid': error ? 'true' : undefined, 'aria-describedby': described || undefined })}></div>`
}
