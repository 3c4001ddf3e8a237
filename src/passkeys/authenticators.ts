import known from './authenticators.json' with { type: 'json' }

export interface Authenticator {
  /** "Google Password Manager" */
  name: string
  /** which of our own drawings stands for it */
  icon: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key'
}

const byAaguid = new Map(Object.entries(known as Record<string, Authenticator>))

/** Who keeps a passkey, by the AAGUID (WebAuthn 6.5.1): the authenticator's own word, for people to recognise it. */
export function authenticatorFor(aaguid: string): Authenticator | undefined {
  return byAaguid.get(aaguid)
}
