-- Records that answer: filters at any depth, search in URLs, saved views, retention.

-- Trigrams for "URL contains", and accounts in the same index. Both come with Postgres and are trusted.
create extension if not exists pg_trgm;
create extension if not exists btree_gin;

-- From where a task was submitted.
alter table task add column address text not null default '';

-- All that a task is among a few, in one number, so that records are found by any combination of them:
-- a list asks for each number that fits, newest first, and puts the answers together. lib/core/records.ts
-- has the same places.
alter table task add column facet smallint not null generated always as (
  case kind when 'url' then 0 when 'directory' then 1 when 'regex' then 2 when 'ignore-parameters' then 3
    when 'tag' then 4 when 'prefetch' then 5 when 'everything' then 6 else 15 end * 128
  + case mode when 'soft' then 64 else 0 end
  + case source when 'console' then 0 when 'system' then 1 when 'api' then 2 else 7 end * 8
  + case state when 'pending' then 0 when 'running' then 1 when 'complete' then 2 when 'partial' then 3
    when 'failed' then 4 else 7 end
) stored;

-- What a second filter needs is included, so that no row of the table is fetched to be thrown away.
drop index task_account;
create index task_account on task (account_id, facet, id desc)
  include (domain, actor, route_id, submission_id, accepted_at);
drop index task_domain;
create index task_domain on task (account_id, domain, facet, id desc)
  include (actor, route_id, submission_id, accepted_at);
create index task_actor on task (account_id, actor, facet, id desc)
  include (domain, route_id, submission_id, accepted_at);
create index task_route on task (route_id, facet, id desc)
  include (account_id, domain, actor, submission_id, accepted_at);
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
