import type { OtherMethod } from '../../src/policy/types.ts'
import type { Keyring } from '../../src/secrets/keyring.ts'
import type { Account, Clock, Ephemeral, Storage } from '../../src/storage/types.ts'
import { type CheckInput, type CodeMailProps, createVerification, type Recipient, type SendInput } from '../../src/verification/index.ts'

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** As `normaliseEmail` gives it. */
export const address = (value: string): Recipient => ({ kind: 'email', value, throttleKey: value.replace(/\+[^@]*/, '') })

type Typed<Input extends { typed: Recipient }> = Partial<Input> & { email?: Recipient }
const typed = ({ email, ...input }: { email?: Recipient }) => ({ ...input, ...(email && { typed: email }) })

/** The codes over a store, with a mailbox that keeps what would be sent. Addresses in `known` have an account, those in `passkeysOnly` one that takes no codes. */
export function createRig(
  { ephemeral, clock }: { ephemeral: Ephemeral; clock: Clock },
  keyring: Pick<Keyring, 'hmac'>,
  known: string[] = [],
  passkeysOnly: string[] = [],
  methods: OtherMethod[] = ['email_otp'],
) {
  const mailbox: (CodeMailProps & { code: string; to: string })[] = []
  const handedOver: { to: string; suppressed?: boolean }[] = []
  let rendered: CodeMailProps

  const holder = (value: string): Account => ({
    id: value, createdAt: 1, userHandle: 'handle', credentialIds: [], identifiers: [{ kind: 'email', value, verifiedAt: 1 }],
  })
  const verification = createVerification({
    storage: { ephemeral, clock } as Storage,
    keyring: keyring as Keyring,
    accounts: {
      findByIdentifier: async ({ value }) =>
        passkeysOnly.includes(value) ? { ...holder(value), passkeysOnlySince: 1 } : known.includes(value) ? holder(value) : undefined,
    },
    outbox: {
      async enqueue(mail) {
        handedOver.push(mail)
        if (!mail.suppressed) mailbox.unshift({ ...rendered, code: rendered.code ?? '', to: mail.to })
      },
      enqueueText: async () => undefined,
    },
    mails: {
      code(props) {
        rendered = props
        return { subject: '', text: '', html: '' }
      },
    },
    texts: { code: () => '' },
    display: ({ value }) => value,
    recipient: ({ kind, value }) => ({ ...address(value), kind }),
    config: {
      issuer: 'https://login.example.com',
      theme: { name: 'Example' },
      verification: { methods, code: { digits: 6, alphabet: 'digits', life: 10 * minute } },
    },
  })
  const codes = verification.methods.email_otp

  const defaults = { cid: 'cid', typed: address('alice@example.com'), purpose: 'sign_in' } as const
  return {
    mailbox,
    handedOver,
    codes,
    verification,
    send: (input: Typed<SendInput> = {}) =>
      codes.send!({ ...defaults, app: 'Shop', locale: 'en', asker: 'Chrome on Windows', ...typed(input) }),
    check: (code: string, input: Typed<CheckInput> = {}) => codes.check({ ...defaults, code, ...typed(input) }),
    status: (input: Partial<Pick<SendInput, 'cid' | 'purpose'>> = {}) => codes.status!({ ...defaults, ...input }),
  }
}

/** Some code of the same length that is not this one. */
export const wrong = (code = '000000') => ((Number(code) + 1) % 10 ** code.length).toString().padStart(code.length, '0')
