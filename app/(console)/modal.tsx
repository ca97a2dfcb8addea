'use client'

import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'

/** What opens over every page of the console. */
type ModalName = 'palette' | 'keys'

const wishes = new EventTarget()

/** Opens one of them from anywhere; another that is open gives way. */
export function openModal(name: ModalName): void {
  document.querySelector<HTMLDialogElement>('dialog[open]')?.close()
  wishes.dispatchEvent(new Event(name))
}

/** Whether it is wanted, and what to call once it has closed. */
export function useModal(name: ModalName): [boolean, () => void] {
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const open = () => setOpen(true)
    wishes.addEventListener(name, open)
    return () => wishes.removeEventListener(name, open)
  }, [name])
  return [isOpen, useCallback(() => setOpen(false), [])]
}

/** A button that opens one; without script there would be nothing to open. */
export function ModalButton({
  opens,
  label,
  className = '',
  children,
}: {
  opens: ModalName
  label?: string
  className?: string
  children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-haspopup="dialog"
      aria-label={label}
      className={`noscript:hidden ${className}`}
      onClick={() => openModal(opens)}
    >
      {children}
    </button>
  )
}

/** A dialog over the page. Escape or a click beside it closes it, and the focus goes back to where it was. */
export function Modal({
  name,
  label,
  className,
  onClose,
  children,
}: {
  name: ModalName
  label: string
  className: string
  onClose: () => void
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      id={name}
      aria-label={label}
      className={`m-auto overflow-hidden rounded-lg border border-line-strong bg-panel text-text backdrop:bg-[#00000059] ${className}`}
      onClose={onClose}
      // Not on a click: one that ends here may have begun as a selection of text inside.
      onPointerDown={(event) => event.target === dialog.current && dialog.current.close()}
    >
      {children}
    </dialog>
  )
}
