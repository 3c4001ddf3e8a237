import known from './authenticators.json' with { type: 'json' }
import type { CommunityList } from './community-list.ts'

/** Whose account carries a passkey from device to device. `manager`: a password manager's, on any of them. */
export type Fabric = 'icloud' | 'google' | 'microsoft' | 'samsung' | 'manager'

export interface Authenticator {
  /** "Google Password Manager" */
  name: string
  /** which of our own drawings stands for it */
  icon: 'cloud' | 'manager' | 'phone' | 'laptop' | 'key'
  /** absent: what it keeps stays on one device, or nothing is known of it */
  fabric?: Fabric
  /** its own picture for light and for dark pages, by the names of assets; only from a list that the operator loaded */
  picture?: { light: string; dark: string }
}

const shipped = new Map(Object.entries(known as Record<string, Authenticator>))
let all: ReadonlyMap<string, Authenticator> = shipped
let pictures: Record<string, Buffer> = {}

/** Who keeps a passkey, by the AAGUID (WebAuthn 6.5.1): the authenticator's own word, for people to recognise it. */
export function authenticatorFor(aaguid: string): Authenticator | undefined {
  return all.get(aaguid)
}

/** The same for metrics, whose labels must stay few: one of the names that we ship, else `other`. */
export function providerLabel(aaguid: string): string {
  return shipped.get(aaguid)?.name ?? 'other'
}

/** Those of the list that was loaded, by the names of assets: strangers drew them. */
export const authenticatorPictures = (): Record<string, Buffer> => pictures

/**
 * Adds what the list knows, or takes it back (undefined), before anything asks: the names are the process's, whatever
 * config is in force. Our own names and kinds stay; of the others, nearly all are security keys.
 */
export function learnAuthenticators(list: CommunityList | undefined): void {
  const learned = Object.entries(list?.authenticators ?? {}).map(([aaguid, { name, light, dark }]): [string, Authenticator] => [
    aaguid,
    {
      ...(shipped.get(aaguid) ?? { name, icon: 'key' }),
      ...(light !== undefined && dark !== undefined && { picture: { light: assetName(light), dark: assetName(dark) } }),
    },
  ])
  all = new Map([...shipped, ...learned])
  pictures = Object.fromEntries(Object.entries(list?.pictures ?? {}).map(([name, base64]) => [assetName(name), Buffer.from(base64, 'base64')]))
}

const assetName = (picture: string): string => `keeper-${picture}`
