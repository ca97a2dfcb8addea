-- Who signs in ----------------------------------------------------------------------------------

-- People write `user@account`, so an account is found by its name, however it is written.
create unique index account_name on account (lower(name));

alter table "user"
  -- Off for who works through access keys alone.
  add column sign_in boolean not null default true,
  -- Nothing else works until a new password is chosen.
  add column must_change boolean not null default false;

-- Wrong tries to sign in, by name and network. The key is a keyed hash: people write passwords into
-- the field for the name.
create table sign_in_try (
  key bytea primary key,
  wrong_at timestamptz[] not null default '{}',
  delays int not null default 0,
  blocked_until timestamptz not null default '-infinity',
  forgotten_at timestamptz not null default '-infinity'
);
create index sign_in_try_forgotten on sign_in_try (forgotten_at);
