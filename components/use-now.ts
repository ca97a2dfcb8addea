'use client'

import { useEffect, useState } from 'react'
import { useNow as useRenderedNow } from 'use-intl'

/** The present moment, once a second while `ticking`; it begins with the moment of rendering. */
export function useTickingNow(ticking: boolean): number {
  const rendered = useRenderedNow()
  const [now, setNow] = useState(rendered.getTime())
  useEffect(() => {
    if (!ticking) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
