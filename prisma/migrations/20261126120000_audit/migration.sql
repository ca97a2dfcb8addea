-- The audit log: what a row says besides who and what, and why nobody can bend it.

-- What a row says -----------------------------------------------------------------------------------

alter table audit
  add column outcome text not null default 'done' check (outcome in ('done', 'refused')),
  add column source text not null default 'console',
  -- What proved who it is: a session or a key, with its number.
  add column via text check (via in ('session', 'key')),
  add column via_id text,
  add column request_id text not null default '',
  -- The statement of a policy that decided; null where none did, as for an owner.
  add column decided_by jsonb,
  -- HMAC of all columns, made by whoever adds the row.
  add column mac bytea;

-- Rows from before this have none; they may only stand at the front of the chain.
alter table audit add constraint audit_has_mac check (mac is not null) not valid;

-- A row stays as it was written, also when the user it names is gone: keys to other tables would change it.
alter table audit drop constraint audit_account_id_fkey, drop constraint audit_user_id_fkey;

-- How rows are found ----------------------------------------------------------------------------------

create index audit_actor on audit (account_id, lower(actor), id desc);
create index audit_action on audit (account_id, lower(action), id desc);
create index audit_address on audit (account_id, address, id desc) where address <> '';
create index audit_request on audit (account_id, request_id) where request_id <> '';
create index audit_refused on audit (account_id, id desc) where outcome = 'refused';
-- Rows lie in the order of time, or nearly.
create index audit_at on audit using brin (at) with (autosummarize = on);
create index audit_resource on audit using gin (account_id, resources);

-- The chain -----------------------------------------------------------------------------------------
-- Nobody who adds a row waits for another: rows are linked later, by the worker, in the order in which
-- it sees them. See docs/running.md, "The audit log".

create table audit_link (
  account_id int not null,
  number bigint not null,
  -- Two workers cannot both link a row.
  audit_id bigint not null unique,
  -- HMAC of the link before, this number, the row's id and its MAC.
  hash bytea not null,
  primary key (account_id, number)
);

-- The last link of each account.
create table audit_head (
  account_id int primary key,
  number bigint not null,
  hash bytea not null
);

-- Rows that have no link yet. Ids become visible in any order, so "id > the last one" would lose some.
create table audit_unsealed (
  audit_id bigint primary key,
  account_id int not null
);
insert into audit_unsealed (audit_id, account_id) select id, account_id from audit;

create function await_seal() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into audit_unsealed (audit_id, account_id) values (new.id, new.account_id);
  return null;
end $$;
create trigger audit_awaits_seal after insert on audit for each row execute function await_seal();

-- It only grows -------------------------------------------------------------------------------------

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception '% of %: the audit log is only added to', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end $$;
create trigger audit_only_grows before update or delete or truncate on audit
  for each statement execute function refuse_audit_change();
create trigger audit_link_only_grows before update or delete or truncate on audit_link
  for each statement execute function refuse_audit_change();
-- Also for a session that has turned triggers off for itself, as a replica does.
alter table audit enable always trigger audit_only_grows;
alter table audit_link enable always trigger audit_link_only_grows;

-- The console makes partitions while it accepts, and where we own the server it owns no table.
alter function make_partitions() set search_path = public, pg_temp;
