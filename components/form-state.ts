import type { FaultCode, FaultDetails } from '#lib/core/fault.ts'

/** What a form shows after its action: nothing yet, what was refused, or what came of it. */
export type FormState<Answer> =
  | { is: 'idle' }
  | { is: 'refused'; code: FaultCode; message: string; details: FaultDetails }
  | { is: 'done'; answer: Answer }

/** A server action of a form. */
export type FormAction<Answer> = (before: FormState<Answer>, form: FormData) => Promise<FormState<Answer>>
