'use client'

import { useEffect, useState } from 'react'

const pauseMs = 500

/** A value once it has stood for a moment, and nothing before: nobody is asked at every key. */
export function useAfterPause(value: string): string {
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
