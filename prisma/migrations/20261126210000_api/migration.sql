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
