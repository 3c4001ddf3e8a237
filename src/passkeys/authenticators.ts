import known from './authenticators.json' with { type: 'json' }

/** Whose account carries a passkey from device to device. `manager`: a password manager's, on any of them. */
export type Fabric = 'icloud' | 'google' | 'microsoft' | 'samsung' | 'manager'

export interface Authenticator {
  /** "Google Password Manager" */
  name: string
  /** which of our own drawings stands for it */
  icon: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key'
  /** absent: what it keeps stays on one device, or nothing is known of it */
  fabric?: Fabric
}

const shipped = new Map(Object.entries(known as Record<string, Authenticator>))

/** Who keeps a passkey, by the AAGUID (WebAuthn 6.5.1): the authenticator's own word, for people to recognise it. */
export function authenticatorFor(aaguid: string): Authenticator | undefined {
  return shipped.get(aaguid)
}

/** The same for metrics, whose labels must stay few: one of the names that we ship, else `other`. */
export function providerLabel(aaguid: string): string {
  return shipped.get(aaguid)?.name ?? 'other'
}
