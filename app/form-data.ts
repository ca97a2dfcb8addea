/** What a field holds, without blanks around it; empty where there is none. */
export const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '').trim()

/** Where a form returns to: a view of the page that it belongs to. */
export function backOf(form: FormData, path: string): string {
  const back = textOf(form, 'back')
  return back.startsWith(`${path}?`) ? back : path
}

/** The number in a field, or null where it is empty; what is no number goes on as it is, and is refused by name. */
export function numberOf(form: FormData, name: string): number | null {
  const given = textOf(form, name)
  if (given === '') return null
  return Number.isNaN(Number(given)) ? (given as unknown as number) : Number(given)
}
