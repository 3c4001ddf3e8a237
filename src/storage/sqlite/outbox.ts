import type { Channel, Outbox, OutboxMail } from '../types.ts'
import { reading } from './busy.ts'
import type { Connection } from './connection.ts'
import { createDocuments } from './documents.ts'

/** Messages as documents; the due ones and those with a body are found by partial indexes, so both stay short. */
export function createOutbox(connection: Connection): Outbox {
  const { database, write, clock } = connection
  const mails = createDocuments<OutboxMail>(connection, 'outbox')

  // a message that names none is a mail
  const ofChannel = `coalesce(document ->> '$.channel', 'mail') = ?`
  const due = `${ofChannel} and document ->> '$.state' in ('waiting', 'sending') and document ->> '$.nextAttemptAt' <= ?
    and document ->> '$.expiresAt' > ? order by document ->> '$.nextAttemptAt'`
  const anyDue = database.prepare(`select 1 from outbox where ${due} limit 1`)
  const claim = database.prepare(`
    update outbox set document = json_set(document, '$.state', 'sending', '$.nextAttemptAt', cast(? as integer))
    where id in (select id from outbox where ${due} limit ?) returning document`)
  const list = database.prepare(`
    select document from outbox where document ->> '$.sealed' is not null and document ->> '$.expiresAt' > ?
    order by document ->> '$.at' desc, rowid desc limit ?`)
  const waiting = `select count(*) as depth from outbox where document ->> '$.state' in ('waiting', 'sending') and document ->> '$.expiresAt' > ?`
  const depth = database.prepare(waiting)
  const depthOf = database.prepare(`${waiting} and ${ofChannel}`)

  const isAnyDue = reading((channel: Channel, now: number) => anyDue.get(channel, now, now) !== undefined)

  return {
    put: mails.insert,
    async get(id) {
      const mail = await mails.get(id)
      return mail && asOf(mail, clock.now())
    },
    async claimDue(channel, now, claimUntil, limit) {
      // Senders ask often and mostly for nothing: only what is there is worth the write lock.
      if (!(await isAnyDue(channel, now))) return []
      const rows = await write(() => claim.all(claimUntil, channel, now, now, limit))
      return rows.map(toMail).sort((a, b) => a.at - b.at)
    },
    update: (id, fn) => mails.update(id, (mail) => fn(asOf(mail, clock.now()))),
    list: reading((limit: number) => list.all(clock.now(), limit).map(toMail)),
    depth: reading((channel?: Channel) => {
      const now = clock.now()
      return (channel === undefined ? depth.get(now) : depthOf.get(now, channel))?.['depth'] as number
    }),
  }
}

const undelivered = new Set<OutboxMail['state']>(['waiting', 'sending', 'kept'])

function toMail(row: Record<string, unknown>): OutboxMail {
  return JSON.parse(row['document'] as string) as OutboxMail
}

/** A mail past its expiry has no body for any reader, although the sweep may not have erased it yet. */
function asOf(mail: OutboxMail, now: number): OutboxMail {
  if (mail.expiresAt > now) return mail
  const { sealed: _, ...rest } = mail
  return { ...rest, state: undelivered.has(mail.state) ? 'expired' : mail.state }
}
