'use client'

import { useRouter } from 'next/navigation'
import { useOffline } from 'next/offline'
import { useEffect } from 'react'

/** Reads the page again from time to time while somebody looks at it. */
export function RefreshEvery({ seconds }: { seconds: number }) {
  const router = useRouter()
  const isOffline = useOffline()
  useEffect(() => {
    // Each of them would wait for the connection, and then all would be sent at once.
    if (isOffline) return
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') router.refresh()
    }, seconds * 1000)
    return () => clearInterval(timer)
  }, [router, seconds, isOffline])
  return null
}
