import type { Storage } from '../storage/types.ts'

const recordKey = 'passkeys:rp-ids'
/** 1 January 9999: kept as long as the store is */
const forGood = 253_370_764_800_000

/** Returns a function that notes the RP ID before the first passkey is made under it; one write per process. */
export function createRpIdRecord(ephemeral: Storage['ephemeral'], rpId: string): () => Promise<void> {
  let recorded = false
  return async function remember() {
    if (recorded) return
    await ephemeral.update<string[], void>(recordKey, (known = []) => ({
      next: known.includes(rpId) ? 'keep' : { value: [...known, rpId], expiresAt: forGood },
      result: undefined,
    }))
    recorded = true
  }
}

/**
 * Refuses to start under an RP ID that would orphan passkeys: a browser offers a passkey only to the RP ID it was made
 * for (WebAuthn 5.1.4.2). Throws an Error whose message is for the operator.
 */
export async function assertRpIdUnchanged(storage: Pick<Storage, 'ephemeral'>, rpId: string): Promise<void> {
  const others = ((await storage.ephemeral.get<string[]>(recordKey)) ?? []).filter((known) => known !== rpId)
  if (others.length === 0) return
  throw new Error(
    `passkeys.rpId is "${rpId}", but there are passkeys made for "${others.join('", "')}", which would stop working. ` +
      `Set passkeys.rpId back to "${others[0]}", or start with another data folder.`,
  )
}
