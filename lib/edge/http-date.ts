const shape =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * Reads an IMF-fixdate (RFC 9110, section 5.6.7).
 *
 * `Date.parse` takes far more than HTTP allows, and a date that is not one must count as already
 * past (RFC 9111, section 5.3), so every other form is refused.
 *
 * @returns milliseconds since 1970, or undefined for anything else
 */
export function parseHttpDate(text: string): number | undefined {
  const parts = shape.exec(text)
  if (!parts) return undefined
  const [, day, month, year, hour, minute, second] = parts
  const fields = [Number(year), months.indexOf(month as string), Number(day)] as const
  const time = [Number(hour), Number(minute), Number(second)] as const
  if (time[0] > 23 || time[1] > 59 || time[2] > 60) return undefined
  const ms = Date.UTC(...fields, ...time)
  return new Date(ms).getUTCDate() === fields[2] || time[2] === 60 ? ms : undefined
}
