-- Everything that happens is written once, in the transaction that accepts it; what follows from
-- it is a cursor. See docs/architecture.md, "The delivery log".

-- Accounts and the people in them ------------------------------------------------------------

create table account (
  id int generated always as identity primary key,
  name text not null,
  created_at timestamptz not null default now()
);

create table "user" (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  password_hash text not null,
  role text not null check (role in ('owner', 'user')),
  disabled_at timestamptz,
  last_seen_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index user_name on "user" (account_id, lower(name));

create table session (
  id uuid primary key default gen_random_uuid(),
  account_id int not null references account on delete cascade,
  user_id int not null references "user" on delete cascade,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  address text not null default '',
  user_agent text not null default ''
);
create index session_of_user on session (user_id);

-- What is purged, and where ------------------------------------------------------------------

create table cache (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  kind text not null,
  address text not null,
  tier text not null check (tier in ('edge', 'shield')),
  pop text not null default '',
  secret bytea,
  demo boolean not null default false,
  -- Raised by every change and by "try now": the worker opens the cache anew.
  revision int not null default 1,
  status text not null default 'unknown' check (status in ('unknown', 'up', 'waiting', 'paused')),
  cause text,
  detail text,
  since timestamptz not null default now(),
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create unique index cache_name on cache (account_id, lower(name)) where removed_at is null;

create table domain (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  origin text not null default '',
  demo boolean not null default false,
  in_flight_ms int check (in_flight_ms >= 0),
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
-- A domain name belongs to one account of a deployment.
create unique index domain_name on domain (name) where removed_at is null;
create index domain_account on domain (account_id);

-- Immutable: a command keeps the route of its acceptance.
create table route (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  domain_id int not null references domain on delete cascade,
  caches int[] not null,
  -- Confirmed before the other caches may be; also where a shield itself takes no command.
  shields int[] not null,
  -- A route that only one purge takes, such as that of a cache which joins.
  single_use boolean not null default false,
  created_at timestamptz not null default now()
);

create table domain_mark (
  domain_id int primary key references domain on delete cascade,
  route_id int references route,
  last_urgent bigint not null default 0,
  last_bulk bigint not null default 0
);

-- A question to a cache is a row that a worker answers.
create table probe (
  id bigint generated always as identity primary key,
  account_id int not null references account on delete cascade,
  cache_id int not null references cache on delete cascade,
  asked_at timestamptz not null default now(),
  answered_at timestamptz,
  result jsonb
);
create index probe_open on probe (id) where answered_at is null;

-- What was asked ------------------------------------------------------------------------------

create table submission_key (
  account_id int not null references account on delete cascade,
  caller text not null,
  action text not null,
  key text not null,
  body_hash bytea not null,
  answer jsonb,
  expires_at timestamptz not null default now() + interval '48 hours',
  primary key (account_id, caller, action, key)
);
create index submission_key_expiry on submission_key (expires_at);

create sequence submission_id;
create sequence task_number maxvalue 99999999 cycle;
-- Every change of a task takes the next number, so that a reader can ask for what is new.
create sequence task_revision;

create table task (
  id bigint primary key,
  account_id int not null references account on delete cascade,
  submission_id bigint not null,
  domain_id int not null references domain on delete cascade,
  domain text not null,
  operation text not null check (operation in ('purge', 'prefetch')),
  kind text not null,
  mode text not null,
  class smallint not null,
  source text not null,
  user_id int references "user" on delete set null,
  actor text not null,
  note text not null default '',
  line_count int not null,
  command_count int not null,
  first_line text not null,
  plan jsonb,
  route_id int references route,
  first_seq bigint,
  last_seq bigint,
  state text not null default 'pending'
    check (state in ('pending', 'running', 'complete', 'partial', 'failed')),
  has_failed boolean not null default false,
  accepted_at timestamptz not null default clock_timestamp(),
  applied_at timestamptz,
  confirmed_at timestamptz,
  revision bigint not null default nextval('task_revision')
) with (fillfactor = 70);
create index task_account on task (account_id, id desc);
create index task_submission on task (submission_id);
create index task_domain on task (account_id, domain, id desc);
create index task_open on task (first_seq) where state in ('pending', 'running');
create index task_changed on task (revision);

-- Milliseconds from acceptance, in the order of the route's caches; null where not reached.
create table task_times (
  task_id bigint primary key references task on delete cascade,
  applied int[] not null,
  confirmed int[] not null
) with (fillfactor = 70);

create table line (
  day date not null,
  task_id bigint not null,
  ordinal int not null,
  account_id int not null,
  text text not null,
  kind smallint not null,
  primary key (day, task_id, ordinal)
) partition by range (day);

-- The log -------------------------------------------------------------------------------------

create sequence command_body_id;
create table command_body (
  id bigint primary key default nextval('command_body_id'),
  task_id bigint not null,
  first_ordinal int not null,
  kind text not null,
  mode text not null,
  targets text[] not null
) partition by range (id);
create index command_body_task on command_body (task_id);

create sequence log_seq;
create table log (
  seq bigint primary key,
  body_id bigint not null,
  task_id bigint not null,
  account_id int not null,
  domain_id int not null,
  route_id int not null,
  class smallint not null,
  after_urgent bigint not null,
  after_bulk bigint not null
) partition by range (seq);

create table log_state (
  only_row boolean primary key default true check (only_row),
  epoch uuid not null default gen_random_uuid(),
  system_identifier bigint not null default 0,
  first_seq bigint not null default 1
);
insert into log_state default values;

-- The trigger below is the only writer of the log.
create function refuse_log_insert() returns trigger language plpgsql as $$
begin
  raise exception 'the log is written by inserting a task';
end $$;
create trigger log_has_one_writer before insert on log
  for each statement when (pg_trigger_depth() = 0) execute function refuse_log_insert();

-- Runs inside COMMIT, under the lock of the log: numbers become visible in the order of commits
-- (a reader with "seq > cursor" over a plain sequence loses the number that commits late), and no
-- client can pause while it holds the log.
create function append_to_log() returns trigger language plpgsql as $$
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
  where domain_id = new.domain_id;
  update task set route_id = chosen, first_seq = low, last_seq = high, accepted_at = clock_timestamp(),
                  revision = nextval('task_revision')
  where id = new.id;
  perform pg_notify('freshet_log', '');
  return null;
end $$;
create constraint trigger task_appends after insert on task
  deferrable initially deferred for each row execute function append_to_log();

-- Changing which caches serve a domain takes the same lock in the same way.
create function take_route() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7270001);
  insert into domain_mark (domain_id, route_id) values (new.domain_id, new.id)
  on conflict (domain_id) do update set route_id = excluded.route_id;
  return null;
end $$;
create constraint trigger route_taken after insert on route
  deferrable initially deferred for each row when (not new.single_use) execute function take_route();

-- Lanes and who works them ---------------------------------------------------------------------

create table worker (
  id uuid primary key,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);

create table lease (
  name text primary key,
  holder uuid,
  fence bigint not null default 0
);
insert into lease (name) values ('settler');

create table lane (
  cache_id int not null references cache on delete cascade,
  class smallint not null,
  -- 0 is the main lane; any other number is the side lane of that domain.
  domain_id int not null default 0,
  account_id int not null references account on delete cascade,
  applied bigint not null,
  confirmed bigint not null,
  epoch uuid not null,
  fence bigint not null default 0,
  holder uuid,
  cause text,
  detail text,
  since timestamptz,
  primary key (cache_id, class, domain_id),
  check (confirmed <= applied)
) with (fillfactor = 50);

-- Exceptions only: what a cache refused for good, or never got because it was removed.
create table note (
  cache_id int not null references cache on delete cascade,
  seq bigint not null,
  cause text not null,
  account_id int not null references account on delete cascade,
  task_id bigint not null references task on delete cascade,
  state text not null check (state in ('failed', 'polling', 'degraded', 'superseded', 'released')),
  -- Positions in the command's targets; empty means all of them.
  targets int[] not null default '{}',
  tries int not null default 1,
  due timestamptz,
  detail text not null default '',
  noted_at timestamptz not null default now(),
  primary key (cache_id, seq, cause)
);
create index note_task on note (task_id);

-- Who did what ----------------------------------------------------------------------------------

create table audit (
  id bigint generated always as identity primary key,
  account_id int not null references account on delete cascade,
  at timestamptz not null default clock_timestamp(),
  user_id int references "user" on delete set null,
  actor text not null,
  address text not null default '',
  action text not null,
  resources text[] not null,
  detail jsonb not null default '{}'
);
create index audit_account on audit (account_id, id desc);

-- Partitions ------------------------------------------------------------------------------------

-- Makes every partition that the next two weeks, or the next two million commands, will need.
-- Called at start-up, by the worker each hour, and by an acceptance that met a missing one.
create function make_partitions() returns void language plpgsql security definer as $$
declare
  size constant bigint := 1000000;
  today constant date := (now() at time zone 'UTC')::date;
  start bigint;
begin
  perform pg_advisory_xact_lock(7270002);
  for i in -1..14 loop
    execute format('create table if not exists %I partition of line for values from (%L) to (%L)',
      'line_' || to_char(today + i, 'YYYYMMDD'), today + i, today + i + 1);
  end loop;
  for i in 0..1 loop
    start := ((select last_value from log_seq) / size + i) * size;
    execute format('create table if not exists %I partition of log for values from (%s) to (%s)',
      'log_' || start / size, start, start + size);
    start := ((select last_value from command_body_id) / size + i) * size;
    execute format('create table if not exists %I partition of command_body for values from (%s) to (%s)',
      'command_body_' || start / size, start, start + size);
  end loop;
end $$;
select make_partitions();
