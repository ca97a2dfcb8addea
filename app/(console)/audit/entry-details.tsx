'use client'

import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useFormatter, useTimeZone, useTranslations } from 'use-intl'
import { link, panel, tableHead } from '#components/ui/classes.ts'
import { type AuditChange, type AuditEntry, changesOf, factsOf } from '#lib/core/audit.ts'

/** What an action is called by people; one without a name of its own by the words of its technical one. */
export function useAct(): (action: string) => string {
  const t = useTranslations('audit.act')
  return (action) => {
    const name = action.replace(/^.*:/, '')
    return t.has(name as never) ? t(name as never) : name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
  }
}

/** All of an entry: what changed, what decided, who it was, and its place in the chain. */
export function EntryDetails({ entry: given }: { entry: AuditEntry }) {
  const t = useTranslations('audit')
  const act = useAct()
  const entry = useSealed(given)
  const changes = changesOf(entry.detail)
  const facts = factsOf(entry.detail)
  return (
    <div className="grid gap-x-8 gap-y-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="min-w-0 space-y-4">
        {changes.length > 0 ? <Changes changes={changes} /> : null}
        <Facts>
          <Fact name={t('action')}>
            {act(entry.action)} <code className="font-mono text-muted text-xs">{entry.action}</code>
          </Fact>
          <Fact name={t('resource')}>
            {entry.resources.length === 0
              ? '–'
              : entry.resources.map((name) => (
                  <Code key={name} block>
                    {name}
                  </Code>
                ))}
          </Fact>
          {facts.map(([name, value]) => (
            <Fact key={name} name={<code className="font-mono">{name}</code>}>
              {value}
            </Fact>
          ))}
        </Facts>
      </div>
      <Facts>
        <Fact name={t('decidedBy')}>
          <Decided entry={entry} />
        </Fact>
        <Fact name={t('actor')}>
          {entry.actor}
          {entry.userId === null ? null : (
            <span className="text-muted"> {t('user', { id: entry.userId })}</span>
          )}
        </Fact>
        <Fact name={t('address')}>{entry.address ? <Code>{entry.address}</Code> : '–'}</Fact>
        {entry.via ? (
          <Fact name={t(`via.${entry.via.is}`)}>
            <Code>{entry.via.id}</Code>
          </Fact>
        ) : null}
        {entry.requestId ? (
          <Fact name={t('request')}>
            <Code>{entry.requestId}</Code>
          </Fact>
        ) : null}
        <Fact name={t('exactly')}>
          <Exactly at={entry.at} />
        </Fact>
        <Fact name={t('chain')}>
          {entry.seal ? (
            <>
              {t('sealed', { number: entry.seal.number })}
              <Code block>{entry.seal.hash}</Code>
            </>
          ) : (
            <span className="text-wait">{t('unsealed')}</span>
          )}
        </Fact>
        <Fact name={t('entry')}>
          <a href={`/audit?entry=${entry.id}`} className={link}>
            {t('link', { id: entry.id })}
          </a>
        </Fact>
      </Facts>
    </div>
  )
}

/** Looks again each second until the worker has linked it. */
function useSealed(entry: AuditEntry): AuditEntry {
  const { data } = useQuery({
    queryKey: ['audit-entry', entry.id],
    queryFn: async (): Promise<AuditEntry> => {
      const answer = await fetch(`/api/audit?entry=${entry.id}`)
      if (!answer.ok) throw new Error(`the audit log answered ${answer.status}`)
      return answer.json()
    },
    initialData: entry,
    enabled: entry.seal === null,
    refetchInterval: ({ state }) => (state.data?.seal === null ? 1_000 : false),
    staleTime: 0,
    retry: false,
  })
  return data
}

/** What was before and what is after, value by value. */
function Changes({ changes }: { changes: readonly AuditChange[] }) {
  const t = useTranslations('audit')
  return (
    <div className={`${panel} overflow-hidden`}>
      <table className="w-full table-fixed">
        <thead>
          <tr className={tableHead}>
            <th className="w-[30%]">{t('changed')}</th>
            <th>{t('before')}</th>
            <th>{t('after')}</th>
          </tr>
        </thead>
        <tbody className="font-mono text-sm [&_td]:px-3 [&_td]:py-1.5 [&_td]:align-top">
          {changes.map(({ path, before, after }) => (
            <tr key={path} className="border-line border-t first:border-t-0">
              <td className="break-words text-muted">{path}</td>
              <td className="whitespace-pre-wrap break-words">
                <Side mark="−" tone="bg-fail-soft text-fail" value={before} />
              </td>
              <td className="whitespace-pre-wrap break-words">
                <Side mark="+" tone="bg-accent-soft text-accent" value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Side({ mark, tone, value }: { mark: string; tone: string; value: string | undefined }) {
  if (value === undefined) return null
  return (
    <span className={`rounded box-decoration-clone px-1 ${tone}`}>
      <span aria-hidden="true">{mark} </span>
      {value}
    </span>
  )
}

function Decided({ entry: { decidedBy, outcome, detail } }: { entry: AuditEntry }) {
  const t = useTranslations('audit')
  if (decidedBy) {
    const { policy, statement, group } = decidedBy
    return t(group === null ? 'statement' : 'statementOfGroup', { policy, statement, group: group ?? '' })
  }
  if (outcome === 'done') return t('noStatement')
  return 'policies' in detail ? t('noneAllows') : '–'
}

/** The moment to the second with the zone's name, for whoever compares it with other logs. */
function Exactly({ at }: { at: string }) {
  const format = useFormatter()
  const timeZone = useTimeZone()
  return (
    <time dateTime={at} title={at} suppressHydrationWarning>
      {format.dateTime(new Date(at), {
        dateStyle: 'medium',
        timeStyle: 'long',
        ...(timeZone ? { timeZone } : {}),
      })}
    </time>
  )
}

function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid min-w-0 grid-cols-[112px_minmax(0,1fr)] content-start gap-x-3 gap-y-1.5 text-sm">
      {children}
    </dl>
  )
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt className="break-words text-muted">{name}</dt>
      <dd className="min-w-0 whitespace-pre-wrap break-words">{children}</dd>
    </>
  )
}

function Code({ block = false, children }: { block?: boolean; children: ReactNode }) {
  return <code className={`break-all font-mono text-xs ${block ? 'block' : ''}`}>{children}</code>
}
