import type { MailContext } from './layout.ts'

export interface NamedPasskey {
  /** "Maya's iPhone" */
  name?: string
  /** "iCloud Keychain" */
  storedIn?: string
}

/** "Maya's iPhone (iCloud Keychain)" */
export function passkeyName({ t }: MailContext, { name, storedIn }: NamedPasskey): string {
  const both = name !== undefined && storedIn !== undefined && name !== storedIn
  return both ? t('passkey.name_and_place', { name, storedIn }) : (name ?? storedIn ?? t('passkey.unnamed'))
}
