import type { Account, Clock, Ephemeral } from '../../src/storage/types.ts'
import { type CheckInput, type CodeMailProps, createEmailCodes, type SendInput } from '../../src/verification/index.ts'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** As `normaliseEmail` gives it. */
export const address = (value: string) => ({ value, throttleKey: value.replace(/\+[^@]*/, '') })

/** The codes over a store, with a mailbox that keeps what would be sent. Addresses in `known` have an account, those in `passkeysOnly` one that takes no codes. */
export function createRig(
  { ephemeral, clock }: { ephemeral: Ephemeral; clock: Clock },
  keyring: { hmac(purpose: string, ...parts: string[]): string },
  known: string[] = [],
  passkeysOnly: string[] = [],
) {
  const mailbox: (CodeMailProps & { to: string })[] = []
  const handedOver: { to: string; suppressed?: boolean }[] = []
  let rendered: CodeMailProps

  const codes = createEmailCodes({
    ephemeral,
    clock,
    keyring,
    accounts: {
      findByEmail: async (value) =>
        passkeysOnly.includes(value) ? ({ id: value, passkeysOnlySince: 1 } as Account) : known.includes(value) ? ({ id: value } as Account) : undefined,
    },
    outbox: {
      async enqueue(mail) {
        handedOver.push(mail)
        if (!mail.suppressed) mailbox.unshift({ ...rendered, to: mail.to })
      },
    },
    mails: (props) => {
      rendered = props
      return { subject: props.code, text: props.code, html: props.code }
    },
    config: { verification: { code: { digits: 6, life: 10 * minute } } },
  })

  const defaults = { cid: 'cid', email: address('alice@example.com'), purpose: 'sign_in' } as const
  return {
    mailbox,
    handedOver,
    codes,
    send: (input: Partial<SendInput> = {}) =>
      codes.send({ ...defaults, app: 'Shop', locale: 'en', asker: 'Chrome on Windows', ...input }),
    check: (code: string, input: Partial<CheckInput> = {}) => codes.check({ ...defaults, code, ...input }),
  }
}

/** Some code of the same length that is not this one. */
export const wrong = (code = '000000') => ((Number(code) + 1) % 10 ** code.length).toString().padStart(code.length, '0')
