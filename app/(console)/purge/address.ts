import type { Method } from '#lib/core/line.ts'

/** The most characters of lines in an address; longer ones go through the draft of this browser. */
export const maxLinkText = 4_000

/** The address of the form with lines in it and a method chosen. */
export const addressOf = (text: string, method: Method): string =>
  `/purge?${new URLSearchParams({ method, text })}`
