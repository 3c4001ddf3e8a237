/** Rows that one statement may remove: about a millisecond of work. */
export const STEP = 100

/** Milliseconds for which the record of a mail outlives its body. */
const MAIL_RECORD_LIFE = 30 * 24 * 3_600_000
/** Milliseconds for which a dashboard can look back at what became of offers. */
const OUTCOME_LIFE = 90 * 24 * 3_600_000
/** Word for word as in the index `prompts_passing`, or that is not used. */
const PASSING_PROMPT = `account_id is null or entry ->> '$.outcome' not in ('never', 'created', 'shown')`
/** Milliseconds for which changed rules can be tried on what was decided. */
const RULE_DECISION_LIFE = 90 * 24 * 3_600_000
/** Milliseconds for which a removed passkey can be brought back. */
const REMOVED_PASSKEY_LIFE = 7 * 24 * 3_600_000

/** What removes expired rows, one step each; the one parameter of each is the time. */
export const removals = {
  artifacts: `delete from artifacts where rowid in (
    select rowid from artifacts where expires_at <= ? limit ${STEP})`,
  ephemeral: `delete from ephemeral where rowid in (
    select rowid from ephemeral where expires_at <= ? limit ${STEP})`,
  outboxBodies: `update outbox set document = json_set(json_remove(document, '$.sealed'), '$.state',
    iif(document ->> '$.state' in ('waiting', 'sending', 'kept'), 'expired', document ->> '$.state')) where rowid in (
    select rowid from outbox where document ->> '$.sealed' is not null and document ->> '$.expiresAt' <= ? limit ${STEP})`,
  outbox: `delete from outbox where rowid in (
    select rowid from outbox where document ->> '$.expiresAt' <= ? - ${MAIL_RECORD_LIFE} limit ${STEP})`,
  audit: `delete from audit where rowid in (
    select rowid from audit where entry ->> '$.expiresAt' is not null and entry ->> '$.expiresAt' <= ? limit ${STEP})`,
  rules: `delete from rules where rowid in (
    select rowid from rules where at <= ? - ${RULE_DECISION_LIFE} limit ${STEP})`,
  // What became of an offer: the policy goes on by what was shown since the newest passkey, by that passkey, and by "never".
  passingPrompts: `delete from prompts where rowid in (
    select rowid from prompts where at <= ? - ${OUTCOME_LIFE} and (${PASSING_PROMPT}) limit ${STEP})`,
  // Up to a passkey that was made offers count no more. That it was made goes last, since it is what says so. CROSS JOIN
  // and the unary plus choose the indexes: the few that are due, and then each account's own.
  promptsBeforePasskeys: `delete from prompts where rowid in (
    select earlier.rowid from (select account_id, at from prompts
        where at <= ? - ${OUTCOME_LIFE} and entry ->> '$.outcome' = 'created' and account_id is not null order by at limit ${STEP / 4}) made
      cross join prompts earlier
    where earlier.account_id = made.account_id and earlier.at <= +made.at and earlier.entry ->> '$.outcome' <> 'never'
    order by made.account_id, earlier.entry ->> '$.outcome' = 'created', earlier.at limit ${STEP})`,
  ceremonies: `delete from ceremonies where rowid in (
    select rowid from ceremonies where entry ->> '$.expiresAt' <= ? limit ${STEP})`,
  // One whose removal was disowned stays too: whoever decides may bring it back.
  passkeys: `delete from passkeys where rowid in (
    select rowid from passkeys where document ->> '$.removedAt' is not null and document ->> '$.removedAt' <= ? - ${REMOVED_PASSKEY_LIFE}
    and not exists (select 1 from changes where document ->> '$.accountId' = passkeys.document ->> '$.accountId'
      and document ->> '$.subject' = passkeys.id and document ->> '$.frozenAt' is not null and document ->> '$.settled' is null) limit ${STEP})`,
  // What was disowned and not yet decided stays: the account is frozen by it.
  changes: `delete from changes where rowid in (
    select rowid from changes where document ->> '$.until' <= ? and (document ->> '$.frozenAt' is null or document ->> '$.settled' is not null) limit ${STEP})`,
}
