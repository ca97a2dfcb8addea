'use client'

import Link from 'next/link'
import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { CopyButton } from '#components/copy-button.tsx'
import { Moment } from '#components/moment.tsx'
import { button, field, panel, primaryButton } from '#components/ui/classes.ts'
import type { UserLink } from './actions.ts'

/** A link that is shown this once, to be sent on. */
export function LinkPanel({ link: { name, url, expiresAt } }: { link: UserLink }) {
  const t = useTranslations('access')
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => box.current?.select(), [])
  return (
    <section aria-labelledby="link-title" className={`${panel} mb-4 p-4`}>
      <h2 id="link-title" className="font-semibold">
        {t('linkTitle', { name })}
      </h2>
      <p className="mb-3">{t.rich('linkSays', { name, at: () => <Moment at={expiresAt} zone /> })}</p>
      <div className="flex flex-wrap gap-2">
        <input
          ref={box}
          readOnly
          value={url}
          aria-label={t('linkLabel')}
          className={`${field} min-w-[220px] flex-1 bg-sunk font-mono text-sm`}
          onFocus={(event) => event.target.select()}
        />
        <CopyButton text={url} words={{ copy: t('copy'), copied: t('copied') }} look={primaryButton} />
        <Link href="/access" className={button}>
          {t('done')}
        </Link>
      </div>
    </section>
  )
}
