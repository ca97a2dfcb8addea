-- Records that answer: filters at any depth, search in URLs, saved views, retention.

-- Trigrams for "URL contains", and accounts in the same index. Both come with Postgres and are trusted.
create extension if not exists pg_trgm;
create extension if not exists btree_gin;

-- From where a task was submitted.
alter table task add column address text not null default '';

-- Any two filters are answered from one of these alone, newest first: what the other filter needs is
-- included, so that no row of the table is fetched to be thrown away.
drop index task_account;
create index task_account on task (account_id, id desc)
  include (domain, actor, operation, kind, mode, source, state, route_id, accepted_at);
drop index task_domain;
create index task_domain on task (account_id, domain, id desc)
  include (actor, operation, kind, mode, source, state, route_id, accepted_at);
create index task_actor on task (account_id, actor, id desc)
  include (domain, operation, kind, mode, source, state, route_id, accepted_at);
-- Most tasks are complete; those that are not are what people look for.
create index task_not_complete on task (account_id, id desc)
  include (domain, actor, operation, kind, mode, source, state, route_id, accepted_at)
  where state <> 'complete';
create index task_note on task using gin (account_id, note gin_trgm_ops) where note <> '';

-- An index alone answers only where vacuum has been lately.
alter table task set (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.02);

create table saved_view (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  -- The part of the address behind the question mark.
  query text not null,
  made_by text not null,
  made_at timestamptz not null default now()
);
create unique index saved_view_name on saved_view (account_id, lower(name));

-- Days for which records are kept.
alter table account add column retention_days int not null default 90 check (retention_days between 1 and 3650);
