-- Who may do what. A policy is attached to users and to groups of them; what it says stands in versions
-- that never change, so that a process may keep what it has read of one.

create table user_group (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  created_at timestamptz not null default now()
);
create unique index user_group_name on user_group (account_id, lower(name));

create table group_member (
  group_id int not null references user_group on delete cascade,
  user_id int not null references "user" on delete cascade,
  primary key (group_id, user_id)
);
create index group_member_user on group_member (user_id);

create table policy (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  name text not null,
  version int not null,
  created_at timestamptz not null default now()
);
create unique index policy_name on policy (account_id, lower(name));

create table policy_version (
  policy_id int not null references policy on delete cascade,
  version int not null,
  document jsonb not null,
  reason text not null default '',
  made_by text not null,
  made_at timestamptz not null default now(),
  primary key (policy_id, version)
);

-- A system policy by its name, or one of the account by its number.
create table attachment (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  user_id int references "user" on delete cascade,
  group_id int references user_group on delete cascade,
  system text,
  policy_id int references policy on delete cascade,
  check (num_nonnulls(user_id, group_id) = 1),
  check (num_nonnulls(system, policy_id) = 1)
);
create unique index attachment_once on attachment (user_id, group_id, system, policy_id) nulls not distinct;
create index attachment_group on attachment (group_id) where group_id is not null;
create index attachment_policy on attachment (policy_id) where policy_id is not null;

insert into attachment (account_id, user_id, system)
select account_id, id, unnest(policies) from "user";
alter table "user" drop column policies;

-- Two for each user, so that one can take over from the other. The secret is sealed, and shown once.
create table access_key (
  id text primary key,
  account_id int not null references account on delete cascade,
  user_id int not null references "user" on delete cascade,
  secret bytea not null,
  enabled boolean not null default true,
  -- Networks from which it may be used; none is any.
  networks cidr[] not null default '{}',
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  last_used_action text,
  last_used_address text
);
create index access_key_user on access_key (user_id);

-- What somebody asks for who was refused it.
create table access_request (
  id int generated always as identity primary key,
  account_id int not null references account on delete cascade,
  user_id int not null references "user" on delete cascade,
  -- A StatementForm as asked for, and as it was granted.
  asked jsonb not null,
  reason text not null default '',
  asked_at timestamptz not null default now(),
  state text not null default 'pending' check (state in ('pending', 'granted', 'refused', 'withdrawn')),
  granted jsonb,
  decided_by text,
  decided_at timestamptz,
  note text not null default ''
);
create index access_request_pending on access_request (account_id, id) where state = 'pending';
create index access_request_user on access_request (user_id, id desc);

-- Overview counts tasks of each domain too, for those who may see some domains only; 0 is all of them.
alter table task_count add column domain_id int not null default 0;
alter table task_count drop constraint task_count_pkey;
alter table task_count add primary key (account_id, domain_id, grain, slot, state);
insert into task_count (account_id, domain_id, grain, slot, state, tasks, lines)
select account_id, domain_id, grain, to_timestamp(floor(extract(epoch from accepted_at) / grain) * grain), state,
  count(*), sum(line_count)
from task, unnest('{300,3600}'::int[]) grain
where state in ('complete', 'partial', 'failed')
group by 1, 2, 3, 4, 5;
