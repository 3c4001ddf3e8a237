import type { AuditEntry } from '../storage/types.ts'
import type { Visitor } from './session.ts'

/**
 * What the log has of the account, newest first, one look into the store after the other: whoever has enough reads no
 * further. `before`: ms; `perLook`: entries, more than happen in one millisecond
 */
export async function* logEntries({ deps, account }: Visitor, { before, perLook }: { before?: number | undefined; perLook: number }): AsyncGenerator<AuditEntry[]> {
  let seen = new Set<string>()
  for (let end = before; ; ) {
    const found = await deps.storage.audit.query({ accountId: account.id, ...(end !== undefined && { before: end }), limit: perLook })
    yield found.filter(({ id }) => !seen.has(id))
    const last = found.at(-1)
    if (!last || found.length < perLook) return
    // What shares its moment with the last one is looked at again; a moment that fills a whole look is passed.
    end = found[0]!.at === last.at ? last.at : last.at + 1
    seen = new Set(found.filter(({ at }) => at === last.at).map(({ id }) => id))
  }
}
