-- What Overview shows is added up as it happens, so that looking at a month is no scan of its tasks.
-- A slot is `grain` seconds long and begins at a multiple of them since 1970; everything stands in the
-- slot in which its task was accepted.

-- How long purges took at a cache, as counts by bucket; lib/core/histogram.ts has the buckets.
create table cache_times (
  account_id int not null references account on delete cascade,
  cache_id int not null references cache on delete cascade,
  grain int not null,
  slot timestamptz not null,
  applied int[] not null,
  confirmed int[] not null,
  -- So that a reader can ask for what is new.
  changed_at timestamptz not null default clock_timestamp(),
  primary key (account_id, grain, slot, cache_id)
) with (fillfactor = 70);

-- Tasks that are over. Open ones are counted where they are: they are few.
create table task_count (
  account_id int not null references account on delete cascade,
  grain int not null,
  slot timestamptz not null,
  state text not null check (state in ('complete', 'partial', 'failed')),
  tasks int not null,
  lines bigint not null,
  primary key (account_id, grain, slot, state)
) with (fillfactor = 70);

insert into task_count (account_id, grain, slot, state, tasks, lines)
select account_id, grain, to_timestamp(floor(extract(epoch from accepted_at) / grain) * grain), state, count(*), sum(line_count)
from task, unnest('{300,3600}'::int[]) grain
where state in ('complete', 'partial', 'failed')
group by 1, 2, 3, 4;

create index task_failed on task (account_id, id desc) where state in ('partial', 'failed');
