'use client'

import { useEffect, useState } from 'react'
import { copyText } from './copy.ts'
import { button } from './ui/classes.ts'

type Props = { text: string; words: { copy: string; copied: string }; look?: string }

/** Copies a text, and says so; there is none before its script loads. */
export function CopyButton({ text, words, look = button }: Props) {
  const [scripted, setScripted] = useState(false)
  const [copied, setCopied] = useState(false)
  useEffect(() => setScripted(true), [])
  if (!scripted) return null
  return (
    <>
      <button type="button" className={look} onClick={() => void copyText(text).then(() => setCopied(true))}>
        {copied ? words.copied : words.copy}
      </button>
      <span className="sr-only" role="status">
        {copied ? words.copied : ''}
      </span>
    </>
  )
}
