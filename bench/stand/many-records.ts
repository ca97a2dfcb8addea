import type pg from 'pg'

// Records of 20 accounts, the largest of which has more than a third of them.

/** Fills an empty, migrated database that has its first account. */
export async function loadRecords(
  client: pg.Client,
  { days, tasksPerDay }: { days: number; tasksPerDay: number },
): Promise<void> {
  // Neither the log nor its trigger has a part in this: records are what is read.
  await client.query(`set session_replication_role = replica`)
  await client.query(`
    insert into account (name) select 'account ' || n from generate_series(2, 20) n;
    insert into cache (account_id, name, kind, address, tier)
      select a, 'pop-' || n, 'edge', 'http://127.0.0.1:9', 'edge' from generate_series(1, 20) a, generate_series(1, 50) n;
    insert into domain (account_id, name) select a, 'www' || n || '.account' || a || '.test'
      from generate_series(1, 20) a, generate_series(0, 9) n;
    insert into route (account_id, domain_id, caches, shields)
      select d.account_id, d.id, array(select c.id from cache c where c.account_id = d.account_id and c.id % 8 <> d.id % 8), '{}'
      from domain d where d.name like '%.test'`)
  for (let ago = 0; ago < days; ago += 1) await loadDay(client, ago, tasksPerDay)
  await client.query(`
    insert into task_count (account_id, domain_id, grain, slot, state, tasks, lines)
      select account_id, d, grain, to_timestamp(floor(extract(epoch from accepted_at) / grain) * grain), state, count(*), sum(line_count)
      from task, unnest('{300,3600}'::int[]) grain, unnest(array[0, domain_id]) d group by 1, 2, 3, 4, 5;
    insert into cache_times (account_id, cache_id, grain, slot, changed_at, applied, confirmed)
      select c.account_id, c.id, grain, at, at + make_interval(secs => grain), sums, sums
      from cache c, unnest('{1800,21600}'::int[]) grain, generate_series(0, ${days} * 86400 / grain) n,
        to_timestamp(floor(extract(epoch from now()) / grain) * grain - n * grain) at,
        (select array(select floor(random() * 50)::int from generate_series(1, 60)) as sums) s
      where c.name like 'pop-%'`)
  await client.query('set session_replication_role = origin')
}

/** Most tasks have one line, and some have hundreds; failures are rare, and an account's people differ. */
async function loadDay(client: pg.Client, ago: number, tasksPerDay: number): Promise<void> {
  const day = new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const number = day.replaceAll('-', '')
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
  await client.query(
    `create table if not exists line_${number} partition of line for values from ('${day}') to ('${next}')`,
  )
  await client.query(`
    insert into task (id, account_id, submission_id, domain_id, domain, operation, kind, mode, class, source, actor,
      note, line_count, command_count, first_line, route_id, first_seq, last_seq, state, has_failed, accepted_at,
      applied_at, confirmed_at)
    select ${number}00000000 + n, x.account, ${number}00000 + n / x.together, d.id, d.name,
      case when x.kind = 'prefetch' then 'prefetch' else 'purge' end, x.kind, x.mode, 0, x.source, x.actor,
      case when n % 50 = 0 then 'OPS-' || n else '' end, x.lines, 1 + x.lines / 200,
      'https://' || d.name || '/' || x.kind || '/' || substr(md5(n::text || '${day}' || '0'), 1, 12) || '.html', r.id, 1, 1,
      x.state, x.state <> 'complete', '${day}'::timestamptz + n * interval '2.88 seconds',
      '${day}'::timestamptz + n * interval '2.88 seconds', '${day}'::timestamptz + n * interval '2.88 seconds'
    from (
      select n, 1 + floor(20 * power(random(), 3))::int as account, floor(10 * power(random(), 2))::int as place,
        case when random() < 0.05 then 3 else 1 end as together,
        case when p < 0.7 then 1 when p < 0.9 then 2 + (q * 18)::int when p < 0.98 then 20 + (q * 100)::int
          else 60 + (q * 140)::int end as lines,
        (array['url', 'url', 'url', 'url', 'url', 'url', 'directory', 'regex', 'tag', 'prefetch'])[1 + floor(q * 9.99)::int] as kind,
        case when q > 0.6 and q < 0.9 then 'soft' else 'hard' end as mode,
        case when random() < 0.9 then 'console' else 'system' end as source,
        'user ' || floor(5 * power(random(), 2))::int as actor,
        case when s < 0.98 then 'complete' when s < 0.99 then 'partial' else 'failed' end as state
      from (select n, random() as p, random() as q, random() as s from generate_series(0, ${tasksPerDay - 1}) n) n
    ) x
    join domain d on d.name = 'www' || x.place || '.account' || x.account || '.test'
    join route r on r.domain_id = d.id`)
  await client.query(`
    insert into line (day, task_id, ordinal, account_id, text, kind)
    select '${day}', t.id, l, t.account_id,
      'https://' || t.domain || '/' || t.kind || '/' || substr(md5((t.id % 100000000)::text || '${day}' || l), 1, 12) || '.html', 0
    from task t cross join lateral generate_series(0, t.line_count - 1) l
    where t.id >= ${number}00000000 and t.id < ${number}99999999`)
}
