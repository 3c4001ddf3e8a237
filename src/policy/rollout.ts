/** Who is offered a passkey. Passkeys work for everybody: outside of it nobody is asked to make one. */
export interface Rollout {
  /** share of the accounts, 0 to 100 */
  percent: number
  /** only at these apps, by client_id; empty: at all */
  clients: readonly string[]
  /** these people whatever the percentage: normalised addresses, numbers and usernames, or `@example.com` for a domain */
  identifiers: readonly string[]
}

export interface RolloutSubject {
  accountId: string
  clientId: string
  /** normalised, of any kind */
  identifiers: readonly string[]
}

/** The apps narrow it for all; at them, who is named is in, and so many of the others. */
export function isOffered({ percent, clients, identifiers: named }: Rollout, { accountId, clientId, identifiers }: RolloutSubject): boolean {
  if (clients.length > 0 && !clients.includes(clientId)) return false
  return identifiers.some((identifier) => isNamed(identifier, named)) || shareOf(accountId) < percent
}

const isNamed = (identifier: string, named: readonly string[]): boolean =>
  named.includes(identifier) || (identifier.includes('@') && named.includes(identifier.slice(identifier.lastIndexOf('@'))))

/**
 * Where an account stands between 0 and 100: always the same place, so that who is in stays in when the share grows. FNV-1a
 * with the last steps of MurmurHash3, which spread ids that differ in their end alone. It is no secret and need not be one.
 */
function shareOf(accountId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < accountId.length; at++) hash = Math.imul(hash ^ accountId.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100
}
