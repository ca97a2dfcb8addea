'use client'

import { useEffect, useState } from 'react'

const pauseMs = 500

/** A value once it has stood for a moment: nobody is asked at every key. */
export function useAfterPause(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
