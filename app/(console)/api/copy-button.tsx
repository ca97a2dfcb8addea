'use client'

import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import { copyText } from '#components/copy.ts'
import { button } from '#components/ui/classes.ts'

/** Copies a text, and says so; there is none before its script loads. */
export function CopyButton({ text }: { text: string }) {
  const t = useTranslations('api')
  const [scripted, setScripted] = useState(false)
  const [copied, setCopied] = useState(false)
  useEffect(() => setScripted(true), [])
  if (!scripted) return null
  return (
    <button type="button" className={button} onClick={() => void copyText(text).then(() => setCopied(true))}>
      {t(copied ? 'copied' : 'copy')}
    </button>
  )
}
