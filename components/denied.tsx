import Link from 'next/link'
import { Fault } from '#lib/core/fault.ts'
import { button } from './ui/classes.ts'

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

type Props = {
  title: string
  sentence: string
  needs: string
  /** Where and with which words to ask for the right; nothing for who may not. */
  ask?: { href: string; text: string } | undefined
}

/** In place of a page that somebody may not see: that it is so, whom to ask, and what for. */
export function Denied({ title, sentence, needs, ask }: Props) {
  return (
    <div className="mx-auto max-w-[460px] py-16 text-center">
      <h1 className="font-semibold">{title}</h1>
      <p className="mt-1">{sentence}</p>
      <p className="mt-1 text-muted text-sm">{needs}</p>
      {ask ? (
        <Link href={ask.href} className={`${button} mt-4`}>
          {ask.text}
        </Link>
      ) : null}
    </div>
  )
}
