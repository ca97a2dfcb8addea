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

/*
 * Charges the lines of a submission to the minutes of its domains and to the account's day, in one statement
 * before the commit: the rows stay locked until then, and others of the account wait for them.
 *
 * minutes: [{domain, pool, lines, most}]; days: [{pool, lines, most}], in which raises are looked up here.
 * Returns null, or what does not fit: {is: minute, domain, pool, lines, left} or {is: day, pool, used, most}.
 */
create function charge(
  account int, at timestamptz, offset_minutes int, minutes jsonb, days jsonb
) returns jsonb language plpgsql as $$
declare
  today date := (at at time zone 'UTC' + make_interval(mins => offset_minutes))::date;
  u record;
  w record;
  at_second bigint;
  counted int[];
  total bigint;
  allowed int;
begin
  -- In one order, or two submissions could wait for each other.
  for u in select * from jsonb_to_recordset(minutes) m(domain int, pool text, lines int, most int) order by domain, pool
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
  for u in select * from jsonb_to_recordset(days) d(pool text, lines int, most int) order by pool
  loop
    allowed := greatest(u.most, (select max(granted) from quota_request q where q.account_id = account
      and q.pool = u.pool and q.state = 'approved' and q.until >= today));
    insert into quota_use (account_id, pool, day, used) values (account, u.pool, today, 0) on conflict do nothing;
    update quota_use q set used = q.used + u.lines
    where q.account_id = account and q.pool = u.pool and q.day = today and q.used + u.lines <= allowed;
    if not found then
      return jsonb_build_object('is', 'day', 'pool', u.pool, 'most', allowed, 'used',
        (select used from quota_use q where q.account_id = account and q.pool = u.pool and q.day = today));
    end if;
  end loop;
  return null;
end $$;
