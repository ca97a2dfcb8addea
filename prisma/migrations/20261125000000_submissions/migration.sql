-- Everything a person can submit: methods, prefetch, limits, and the people who do it.

-- People ---------------------------------------------------------------------------------------

-- Somebody who was added has no password until the link is used.
alter table "user" alter column password_hash drop not null;
alter table "user" add column policies text[] not null default '{}';

-- A link that lets its user choose a password, once.
create table user_link (
  token_hash bytea primary key,
  account_id int not null references account on delete cascade,
  user_id int not null references "user" on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index user_link_user on user_link (user_id);

-- What a domain's keys, prefetches and origin are like -------------------------------------------

alter table domain add column settings jsonb not null default '{}';
-- Domains that share a cache name the same one here; a purge of any is a purge of all.
alter table domain add column shares_with int references domain on delete set null;

-- What was asked ---------------------------------------------------------------------------------

alter table task add column also text[] not null default '{}';
alter table task add column also_ids int[] not null default '{}';
-- `forbidden` of a purge; `headers`, `edges` of a prefetch.
alter table task add column options jsonb not null default '{}';
create index task_of_domain on task (domain_id, confirmed_at);
create index task_prefetch_open on task (account_id) where operation = 'prefetch' and state in ('pending', 'running');

-- As before, and every name of a shared cache is marked: its prefetches wait for this purge.
create or replace function append_to_log() returns trigger language plpgsql as $$
declare
  mark domain_mark;
  chosen int;
  low bigint;
  high bigint;
begin
  perform pg_advisory_xact_lock(7270001);
  select * into strict mark from domain_mark where domain_id = new.domain_id;
  chosen := coalesce(new.route_id, mark.route_id);
  with appended as (
    insert into log (seq, body_id, task_id, account_id, domain_id, route_id, class, after_urgent, after_bulk)
    select nextval('log_seq'), b.id, new.id, new.account_id, new.domain_id, chosen, new.class,
           mark.last_urgent, mark.last_bulk
    from (select id from command_body where task_id = new.id order by id) b
    returning seq
  )
  select min(seq), max(seq) into low, high from appended;
  if low is null then raise exception 'task % has no commands', new.id; end if;
  update domain_mark set
    last_urgent = case when new.class = 0 then high else last_urgent end,
    last_bulk = case when new.class = 1 then high else last_bulk end
  where domain_id = new.domain_id or domain_id = any(new.also_ids);
  update task set route_id = chosen, first_seq = low, last_seq = high, accepted_at = clock_timestamp(),
                  revision = nextval('task_revision')
  where id = new.id;
  perform pg_notify('freshet_log', '');
  return null;
end $$;

-- Limits -----------------------------------------------------------------------------------------

-- What differs from the vendor's numbers.
alter table account add column limits jsonb not null default '{}';

create table quota_use (
  account_id int not null references account on delete cascade,
  pool text not null,
  day date not null,
  used int not null,
  primary key (account_id, pool, day)
);

-- Lines of a domain in each of the last 60 seconds, the newest first.
create table rate_window (
  account_id int not null references account on delete cascade,
  domain_id int not null references domain on delete cascade,
  pool text not null,
  second bigint not null,
  counts int[] not null,
  primary key (account_id, domain_id, pool)
) with (fillfactor = 50);

create table quota_request (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  pool text not null,
  wanted int not null check (wanted > 0),
  -- The last day of the raise; null is without end.
  until date,
  reason text not null,
  peak_mbps int,
  requested_by text not null,
  requester_id int references "user" on delete set null,
  requested_at timestamptz not null default now(),
  state text not null default 'pending' check (state in ('pending', 'approved', 'rejected', 'withdrawn')),
  granted int,
  decided_by text,
  decided_at timestamptz,
  decision_note text not null default ''
);
create index quota_request_account on quota_request (account_id, id desc);

-- Prefetch -----------------------------------------------------------------------------------------

insert into lease (name) values ('prefetch');

insert into lane (cache_id, class, domain_id, account_id, applied, confirmed, epoch)
select c.id, 2, 0, c.account_id, tail, tail, epoch
from cache c, log_state, (select coalesce(max(seq), 0) as tail from log) s
where c.removed_at is null;

-- How far a prefetch is on one cache, while it runs: lines done, bytes, and what is being fetched.
create table prefetch_progress (
  task_id bigint not null references task on delete cascade,
  cache_id int not null references cache on delete cascade,
  lines int not null default 0,
  bytes bigint not null default 0,
  running jsonb not null default '[]',
  primary key (task_id, cache_id)
) with (fillfactor = 50);

-- Two lines of one command may fail for the same cause with other answers.
alter table note drop constraint note_pkey;
alter table note add primary key (cache_id, seq, cause, detail);

-- Questions to a cache besides "do you work" ---------------------------------------------------------

alter table probe add column question jsonb not null default '{"is": "probe"}';
