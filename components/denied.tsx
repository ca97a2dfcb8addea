import { Fault } from '#lib/core/fault.ts'

/** A refusal for want of a right, for a page that says so itself; anything else is thrown on. */
export function denial(error: unknown): Fault {
  if (error instanceof Fault && error.code === 'NoPermission') return error
  throw error
}

/** What was read, or this instead where the caller may not read it: a part of a page that does without. */
export async function ifPermitted<Answer>(read: Promise<Answer>, instead: Answer): Promise<Answer> {
  const answer = await read.catch(denial)
  return answer instanceof Fault ? instead : answer
}

/** In place of a page that somebody may not see: that it is so, whom to ask, and what for. */
export function Denied({ title, sentence, needs }: { title: string; sentence: string; needs: string }) {
  return (
    <div className="mx-auto max-w-[460px] py-16 text-center">
      <h1 className="font-semibold">{title}</h1>
      <p className="mt-1">{sentence}</p>
      <p className="mt-1 text-muted text-sm">{needs}</p>
    </div>
  )
}
