'use client'

import { useTranslations } from 'use-intl'
import { field, panel } from '#components/ui/classes.ts'

/** Asks for the name of every host that the lines reach as a whole. */
export function ConfirmHosts({
  hosts,
  typed,
  onType,
}: {
  hosts: readonly string[]
  typed: Readonly<Record<string, string>>
  onType: (host: string, name: string) => void
}) {
  const t = useTranslations('purge')
  if (hosts.length === 0) return null
  return (
    <div className={`${panel} mt-3 space-y-2.5 border-wait bg-wait-soft p-3`}>
      {hosts.map((host) => (
        <label key={host} className="flex flex-wrap items-center gap-2">
          <span className="text-wait">{t('confirmHost', { host })}</span>
          <input
            name="confirmed"
            autoComplete="off"
            spellCheck={false}
            className={`${field} max-w-[280px] font-mono text-sm`}
            placeholder={host}
            value={typed[host] ?? ''}
            onChange={(event) => onType(host, event.target.value)}
          />
        </label>
      ))}
    </div>
  )
}
