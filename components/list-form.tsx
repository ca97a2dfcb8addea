'use client'

import type { ReactNode } from 'react'
import type { FormAction } from './form-state.ts'
import { panel } from './ui/classes.ts'
import { TextArea } from './ui/field.tsx'
import { SheetForm } from './ui/sheet-form.tsx'

type Props = {
  action: FormAction<number>
  title: string
  label: string
  help: string
  example: string
  save: string
  added: (count: number) => string
  back: string
  children?: ReactNode
}

/** Adds many things from a pasted list, all of them or none. */
export function ListForm({ action, title, label, help, example, save, added, back, children }: Props) {
  const done = (count: number) => (
    <p role="status" className={`${panel} mb-4 p-4 text-accent`}>
      {added(count)}
    </p>
  )
  return (
    <SheetForm action={action} title={title} save={save} back={back} done={done}>
      <TextArea name="text" label={label} help={help} placeholder={example} rows={6} required />
      {children}
    </SheetForm>
  )
}
