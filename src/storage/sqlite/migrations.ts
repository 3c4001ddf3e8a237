import type { DatabaseSync } from 'node:sqlite'
import { AppError } from '../../errors.ts'

/**
 * Numbered from 1 by position; `pragma user_version` holds the number of the last one that ran. A migration that has
 * been released is never changed: add another.
 *
 * Ordinary rowid tables: with rows of about 1 KB, `without rowid` is 3 to 4 times slower. Documents are JSON text, and
 * what they are found by is indexed as an expression over it, so that a document has one form only.
 */
const migrations = [
  `
  create table artifacts (
    model text not null,
    key text not null,
    payload text not null,
    grant_id text,
    uid text,
    user_code text,
    expires_at integer,
    primary key (model, key)
  );
  create index artifacts_by_grant on artifacts (grant_id) where grant_id is not null;
  create index artifacts_by_uid on artifacts (uid) where uid is not null;
  create index artifacts_by_user_code on artifacts (user_code) where user_code is not null;
  create index artifacts_by_expiry on artifacts (expires_at) where expires_at is not null;

  create table ephemeral (key text primary key, value text not null, expires_at integer not null);
  create index ephemeral_by_expiry on ephemeral (expires_at);

  create table accounts (id text primary key, document text not null);
  create table identifiers (id text primary key, document text not null);
  create table passkeys (id text primary key, document text not null);
  create table factors (id text primary key, document text not null);
  create table devices (id text primary key, document text not null);
  create index passkeys_by_account on passkeys (document ->> '$.accountId');
  create index factors_by_account on factors (document ->> '$.accountId');
  create index devices_by_account on devices (document ->> '$.accountId');
  create index devices_by_hash on devices (document ->> '$.deviceHash');

  create table audit (id text primary key, at integer not null, account_id text, entry text not null);
  create table rules (id text primary key, at integer not null, account_id text, entry text not null);
  create table prompts (id text primary key, at integer not null, account_id text, entry text not null);
  create index audit_by_time on audit (at);
  create index rules_by_time on rules (at);
  create index prompts_by_time on prompts (at);
  create index audit_by_account on audit (account_id, at) where account_id is not null;
  create index rules_by_account on rules (account_id, at) where account_id is not null;
  create index prompts_by_account on prompts (account_id, at) where account_id is not null;

  create table outbox (id text primary key, document text not null);
  create index outbox_due on outbox (document ->> '$.nextAttemptAt')
    where document ->> '$.state' in ('waiting', 'sending');
  create index outbox_bodies on outbox (document ->> '$.expiresAt') where document ->> '$.sealed' is not null;
  create index outbox_by_expiry on outbox (document ->> '$.expiresAt');
  `,
  `
  create index audit_by_expiry on audit (entry ->> '$.expiresAt') where entry ->> '$.expiresAt' is not null;
  `,
  `
  alter table artifacts add column account_id text;
  create index artifacts_by_account on artifacts (account_id) where account_id is not null;
  update artifacts set account_id = payload ->> '$.accountId' where model in ('Session', 'Grant');

  create table changes (id text primary key, document text not null);
  create index changes_by_account on changes (document ->> '$.accountId');
  create index changes_by_expiry on changes (document ->> '$.until');
  `,
  `
  create index passkeys_by_removal on passkeys (document ->> '$.removedAt') where document ->> '$.removedAt' is not null;
  `,
  `
  create index prompts_created on prompts (account_id, at) where entry ->> '$.outcome' = 'created';
  `,
  `
  create table ceremonies (id text primary key, at integer not null, account_id text, entry text not null);
  create index ceremonies_by_time on ceremonies (at);
  create index ceremonies_by_account on ceremonies (account_id, at) where account_id is not null;
  create index ceremonies_by_expiry on ceremonies (entry ->> '$.expiresAt');
  create index ceremonies_started on ceremonies (at) where entry ->> '$.outcome' = 'started';
  create index ceremonies_by_name on ceremonies (entry ->> '$.ceremonyId') where entry ->> '$.ceremonyId' is not null;

  drop index prompts_created;
  create index prompts_created on prompts (at) where entry ->> '$.outcome' = 'created' and account_id is not null;
  create index prompts_passing on prompts (at) where account_id is null or entry ->> '$.outcome' not in ('never', 'created', 'shown');

  create table tallies (name text primary key, count integer not null);
  insert into tallies
    select 'accounts', count(*) from accounts
    union all select 'accounts with a passkey', count(*) from accounts where json_array_length(document, '$.credentialIds') > 0;
  create trigger accounts_inserted after insert on accounts begin
    update tallies set count = count + 1
      where name = 'accounts' or name = 'accounts with a passkey' and json_array_length(new.document, '$.credentialIds') > 0;
  end;
  create trigger accounts_deleted after delete on accounts begin
    update tallies set count = count - 1
      where name = 'accounts' or name = 'accounts with a passkey' and json_array_length(old.document, '$.credentialIds') > 0;
  end;
  create trigger accounts_updated after update of document on accounts
    when (json_array_length(new.document, '$.credentialIds') > 0) <> (json_array_length(old.document, '$.credentialIds') > 0)
  begin
    update tallies set count = count + iif(json_array_length(new.document, '$.credentialIds') > 0, 1, -1) where name = 'accounts with a passkey';
  end;
  `,
]

/** The schema that this program writes. */
export const SCHEMA_VERSION = migrations.length

/**
 * Brings the schema up to date in one transaction, so that of two processes that open a new database at once one
 * migrates and the other finds it done.
 */
export function migrate(database: DatabaseSync): void {
  if (schemaVersion(database) === SCHEMA_VERSION) return
  database.exec('begin immediate')
  try {
    const found = schemaVersion(database)
    if (found > SCHEMA_VERSION) {
      throw new AppError(
        'store_unavailable',
        `the database has schema ${found}, but this version of Latchkey knows only ${SCHEMA_VERSION}: start a newer version, or restore the backup made before the upgrade`,
      )
    }
    for (const migration of migrations.slice(found)) database.exec(migration)
    database.exec(`pragma user_version = ${SCHEMA_VERSION}; commit`)
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

function schemaVersion(database: DatabaseSync): number {
  return database.prepare('pragma user_version').get()?.['user_version'] as number
}
