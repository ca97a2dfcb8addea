'use client'

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { LineMark, LinesEditor } from './lines-editor.ts'

type Props = {
  name: string
  label: string
  placeholder: string
  describedBy: string
  /** What the box holds when the page is rendered. */
  text: string
  marks: readonly LineMark[]
  /** Set once the editor stands; the plain box goes on without. */
  editor: RefObject<LinesEditor | null>
  onChange: (text: string) => void
  onSubmit: () => void
  /** What becomes of text that is pasted, or of a file that is dropped. */
  tidy: (text: string, fileName?: string) => string
}

/**
 * Many lines of text. A plain textarea first, which also works without script; the editor with its
 * marks takes its place after the first paint, with the text and the focus that are there by then.
 */
export function LinesInput({
  name,
  label,
  placeholder,
  describedBy,
  text,
  marks,
  editor,
  onChange,
  onSubmit,
  tidy,
}: Props) {
  const box = useRef<HTMLTextAreaElement>(null)
  const room = useRef<HTMLDivElement>(null)
  const [stands, setStands] = useState(false)
  const now = useRef({ label, onChange, onSubmit, tidy })
  now.current = { label, onChange, onSubmit, tidy }

  useEffect(() => {
    let made: LinesEditor | undefined
    let gone = false
    import('./lines-editor.ts').then(({ createLinesEditor }) => {
      if (gone || !room.current || !box.current) return
      const hadFocus = document.activeElement === box.current
      made = createLinesEditor(room.current, {
        text: box.current.value,
        label: now.current.label,
        describedBy,
        onChange: (changed) => now.current.onChange(changed),
        onSubmit: () => now.current.onSubmit(),
        tidy: (pasted, fileName) => now.current.tidy(pasted, fileName),
      })
      editor.current = made
      // In the same frame, or the page would jump.
      box.current.hidden = true
      setStands(true)
      if (hadFocus) made.focus()
    })
    return () => {
      gone = true
      editor.current = null
      made?.destroy()
    }
  }, [describedBy, editor])

  // In the same frame as the counts beside them.
  useLayoutEffect(() => {
    if (stands) editor.current?.setMarks(marks)
  }, [stands, marks, editor])

  useEffect(() => {
    if (stands) editor.current?.setLabel(label)
  }, [stands, label, editor])

  return (
    <>
      <textarea
        ref={box}
        name={name}
        aria-label={label}
        aria-describedby={describedBy}
        placeholder={placeholder}
        defaultValue={text}
        hidden={stands}
        rows={10}
        spellCheck={false}
        autoFocus
        className="block min-h-[232px] w-full resize-y rounded-t-lg bg-panel px-3 py-1.5 font-mono text-sm leading-[22px]"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSubmit()
        }}
      />
      <div ref={room} />
    </>
  )
}
