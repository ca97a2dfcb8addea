'use client'

import { type Method, methods } from '#lib/core/line.ts'

/** What was written and not submitted. */
export type Draft = { text: string; method: Method }

const placeOf = (owner: string) => `freshet.draft.${owner}`

/** The lines that somebody wrote and did not submit; they survive a reload and an expired session. */
export function readDraft(owner: string): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(placeOf(owner)) ?? 'null') as Partial<Draft> | null
    const method = methods.find((one) => one === kept?.method)
    return kept?.text && method ? { text: kept.text, method } : null
  } catch {
    return null
  }
}

/**
 * Keeps the lines in this browser.
 *
 * @returns whether it could; one that keeps nothing loses them at reload, and the page itself goes on
 */
export function keepDraft(owner: string, draft: Draft): boolean {
  try {
    if (draft.text === '') localStorage.removeItem(placeOf(owner))
    else localStorage.setItem(placeOf(owner), JSON.stringify(draft))
    return true
  } catch {
    return false
  }
}
