-- The vendor's API: what a key has asked, how often, and that nothing is asked twice.

-- The key that asked for a task.
alter table task add column key_id text;

-- Where a cache stands, as the API tells areas apart; empty is everywhere.
alter table cache add column region text not null default '' check (region in ('', 'domestic', 'overseas'));

-- Nonces that were used, each with its key as one hash; kept as long as their times would still be taken.
create table api_nonce (
  hash bytea primary key,
  used_at timestamptz not null default now()
);
create index api_nonce_used on api_nonce (used_at);

-- How many calls are left just now: they come back by the second, up to a second's worth.
create table api_rate (
  account_id int not null references account on delete cascade,
  call text not null,
  tokens float8 not null,
  at timestamptz not null,
  primary key (account_id, call)
);
alter table api_rate set (fillfactor = 50);

-- The last calls of each key, for whoever wonders what a program of theirs did.
create table api_call (
  id bigint generated always as identity primary key,
  account_id int not null references account on delete cascade,
  key_id text not null references access_key on delete cascade,
  at timestamptz not null,
  action text not null,
  status int not null,
  code text not null,
  took_ms int not null,
  request_id text not null,
  address text not null
);
create index api_call_key on api_call (key_id, id desc);

-- What a domain has used in each of the last 60 seconds as seen from a later one, the newest first. The
-- second that is a whole minute ago still counts, so no span of 60 seconds ever holds more than its limit.
create function minute_window(second bigint, counts int[], at bigint) returns int[] language sql immutable as $$
  select (array_fill(0, array[least(at - second, 61)::int]) || counts)[1:61]
$$;

-- Tasks of an account in each of the last 60 seconds, the newest first: who asks much waits behind the others.
create table task_window (
  account_id int primary key references account on delete cascade,
  second bigint not null,
  counts int[] not null
) with (fillfactor = 50);

/*
 * Charges the lines of a submission to the minutes of its domains, to the account's day and to its queue.
 *
 * due: {account, offset, tasks, minutes: [{domain, pool, lines, most}], days: [{pool, lines, most}], queue}; raises of
 * a day's limit are looked up here. Returns null, or what does not fit: {is: minute, domain, pool, lines, left},
 * {is: day, pool, used, most, at} or {is: queue, queued}.
 */
create function charge(due jsonb, at timestamptz) returns jsonb language plpgsql as $$
declare
  account int := due->'account';
  today date := (at at time zone 'UTC' + make_interval(mins => (due->'offset')::int))::date;
  u record;
  w record;
  at_second bigint;
  counted int[];
  total bigint;
  allowed int;
  queued int;
begin
  -- In one order, or two submissions could wait for each other; the day first, for it is longer.
  for u in select * from jsonb_to_recordset(due->'days') d(pool text, lines int, most int) order by pool
  loop
    allowed := greatest(u.most, (select max(granted) from quota_request q where q.account_id = account
      and q.pool = u.pool and q.state = 'approved' and q.until >= today));
    insert into quota_use (account_id, pool, day, used) values (account, u.pool, today, 0) on conflict do nothing;
    update quota_use q set used = q.used + u.lines
    where q.account_id = account and q.pool = u.pool and q.day = today and q.used + u.lines <= allowed;
    if not found then
      return jsonb_build_object('is', 'day', 'pool', u.pool, 'most', allowed, 'at', extract(epoch from at), 'used',
        (select used from quota_use q where q.account_id = account and q.pool = u.pool and q.day = today));
    end if;
    -- The tasks of this submission are among those that wait, and its row lets no other one pass meanwhile.
    if u.pool = 'prefetch' then
      select coalesce(sum(line_count), 0) into queued from task
      where account_id = account and operation = 'prefetch' and state in ('pending', 'running');
      if queued > (due->'queue')::int then return jsonb_build_object('is', 'queue', 'queued', queued); end if;
    end if;
  end loop;
  for u in select * from jsonb_to_recordset(due->'minutes') m(domain int, pool text, lines int, most int) order by domain, pool
  loop
    insert into rate_window (account_id, domain_id, pool, second, counts)
    values (account, u.domain, u.pool, 0, '{}') on conflict do nothing;
    select r.second, r.counts into w from rate_window r
    where r.account_id = account and r.domain_id = u.domain and r.pool = u.pool for update;
    -- A clock that stepped back must not open the window again.
    at_second := greatest(floor(extract(epoch from at))::bigint, w.second);
    counted := minute_window(w.second, w.counts, at_second);
    select coalesce(sum(c), 0) into total from unnest(counted) c;
    if total + u.lines > u.most then
      return jsonb_build_object('is', 'minute', 'domain', u.domain, 'pool', u.pool, 'lines', u.lines,
        'left', greatest(0, u.most - total));
    end if;
    update rate_window r set second = at_second, counts = (coalesce(counted[1], 0) + u.lines) || counted[2:]
    where r.account_id = account and r.domain_id = u.domain and r.pool = u.pool;
  end loop;
  at_second := floor(extract(epoch from at));
  insert into task_window as t (account_id, second, counts) values (account, at_second, array[(due->'tasks')::int])
  on conflict (account_id) do update set second = greatest(t.second, at_second),
    counts = (coalesce((minute_window(t.second, t.counts, greatest(t.second, at_second)))[1], 0) + (due->'tasks')::int)
      || (minute_window(t.second, t.counts, greatest(t.second, at_second)))[2:];
  return null;
end $$;

-- Inside COMMIT, before the lock of the log: while a client thinks, nobody waits for what it has charged.
create function charge_due() returns void language plpgsql as $$
declare
  due text := current_setting('freshet.charge', true);
  short jsonb;
begin
  if coalesce(due, '') = '' then return; end if;
  perform set_config('freshet.charge', '', true);
  short := charge(due::jsonb, clock_timestamp());
  if short is not null then raise exception 'too much is asked: %', short; end if;
end $$;

create or replace function append_to_log() returns trigger language plpgsql as $$
declare
  mark domain_mark;
  chosen int;
  low bigint;
  high bigint;
begin
  perform charge_due();
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
