'use client'

import { useDeferredValue, useEffect, useState } from 'react'

const longText = 50_000
const pauseMs = 200

/**
 * The text to read while somebody writes. To read a long one takes longer than a frame, so it is read
 * when the typing pauses; what is pasted, and any short text, is read at once.
 */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  const isTyped = text.length > longText && Math.abs(text.length - settled.length) < 1_000
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), isTyped ? pauseMs : 0)
    return () => clearTimeout(timer)
  }, [text, isTyped])
  return useDeferredValue(isTyped ? settled : text)
}
