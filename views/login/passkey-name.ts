import { layout } from '../layout.ts'
import type { Html, PageContext } from '../page.ts'
import { button, linkButton } from '../parts/button.ts'
import { deviceName } from '../parts/device.ts'
import { field } from '../parts/field.ts'
import { form } from '../parts/form.ts'
import { heading } from '../parts/heading.ts'
import { problem } from '../parts/problem.ts'
import { status } from '../parts/status.ts'
import { waysOut } from '../parts/ways-out.ts'

export interface PasskeyNameProps {
  /** what it is called now, or what was typed */
  value: string
  error?: 'empty' | 'long'
}

/** One field: what the new passkey is to be called. */
export function passkeyNamePage(page: PageContext, { value, error }: PasskeyNameProps): Html {
  const { t, base } = page
  const title = t('login.passkey_name.title')
  const text = error && t(`login.passkey_name.${error}`)
  return layout(page, {
    title,
    error: error !== undefined,
    mainForm: true,
    body: [
      text ? problem(page, text, 'name') : '',
      heading(page, title, { toApp: false, icon: 'passkey' }),
      form(page, {
        action: `${base}/passkey-name`,
        main: true,
        body: [
          field(page, {
            id: 'name',
            label: t('login.passkey_name.label'),
            hint: t('login.passkey_name.hint'),
            error: text,
            input: { type: 'text', maxlength: 64, autocomplete: 'off', enterkeyhint: 'done', autofocus: error === undefined, value: error ? value : deviceName(page, value) },
          }),
          button(t('login.passkey_name.save'), { kind: 'primary' }),
        ],
      }),
      linkButton(t('login.passkey_name.keep'), `${base}/passkey-create`),
      status(page),
      waysOut(page),
    ],
  })
}
