import { setImmediate as nextTurn } from 'node:timers/promises'
import { unlessTaken } from '../errors.ts'
import type { Ceremonies, CeremonyEntry, Clock, Ephemeral } from '../storage/types.ts'
import { ceremonyLife, labelsOf, type CeremonyLabels } from './ceremonies.ts'

/** ms: browsers close a dialog after five minutes at the latest */
const patience = 10 * 60_000
/** ms for which one process looks and the others leave it alone; shorter than the time between two looks */
const turn = 50_000
/** started ones per look into the store: a few milliseconds of work */
const step = 200
/** ms: entries of another process may appear that much later than their time says */
const overlap = 60_000

const lookedKey = 'abandoned ceremonies: looked until'
const turnKey = 'abandoned ceremonies: turn'

/**
 * Dialogs that opened and of which nothing was heard again: the window was closed, the phone never came. Each becomes an
 * event of its own, once: its id is made of the ceremony's, so that whoever comes second finds it taken. How far it was
 * looked is kept only after the work, so that a process that dies in between leaves nothing out.
 *
 * @returns looks once, when it is this process's turn; resolves to how many were found
 */
export function createAbandoned(deps: {
  ceremonies: Pick<Ceremonies, 'unanswered' | 'append'>
  ephemeral: Pick<Ephemeral, 'get' | 'set' | 'claim'>
  clock: Clock
  observe: (labels: CeremonyLabels) => void
  log: { info(fields: object, message: string): void }
}): () => Promise<number> {
  const { ceremonies, ephemeral, clock, observe, log } = deps

  async function abandon(started: CeremonyEntry): Promise<boolean> {
    const at = clock.now()
    const entry: CeremonyEntry = { ...started, id: `abandoned:${started.ceremonyId ?? started.id}`, at, expiresAt: at + ceremonyLife, outcome: 'abandoned' }
    if (!(await unlessTaken(ceremonies.append(entry)))) return false
    observe(labelsOf(entry))
    const { ceremony, mediation, ceremonyId, clientId, browser, platform, capabilities } = entry
    log.info({ reason: 'abandoned', ceremony, mediation, ceremonyId, clientId, browser, platform, capabilities }, 'a passkey dialog was never answered')
    return true
  }

  return async function countAbandoned() {
    const now = clock.now()
    if (!(await ephemeral.claim(turnKey, now + turn))) return 0
    const before = now - patience
    const looked = (await ephemeral.get<number>(lookedKey)) ?? 0
    const after = Math.max(0, looked - overlap)
    let count = 0
    let page: Awaited<ReturnType<Ceremonies['unanswered']>> = { entries: [] }
    do {
      page = await ceremonies.unanswered({ after, before, limit: step, ...(page.cursor !== undefined && { cursor: page.cursor }) })
      const found = await Promise.all(page.entries.map(abandon))
      count += found.filter(Boolean).length
      // A store in this process answers without a pause: whoever waits for a page comes in between.
      await nextTurn()
    } while (page.cursor !== undefined)
    await ephemeral.set(lookedKey, before, now + ceremonyLife)
    return count
  }
}
