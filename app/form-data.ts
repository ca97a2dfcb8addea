/** What a field holds, without blanks around it; empty where there is none. */
export const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '').trim()

/** The number in a field, or null where it is empty; what is no number is refused by the operation. */
export function numberOf(form: FormData, name: string): number | null {
  const given = textOf(form, name)
  return given === '' ? null : Number(given)
}
