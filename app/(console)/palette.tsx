'use client'

import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { CommandList } from './command-list.tsx'
import { type Command, type Place, useCommands } from './commands.ts'
import { Modal, openModal, useModal } from './modal.tsx'
import { readTyped } from './typed.ts'

type Props = {
  /** Whose draft is kept in this browser. */
  owner: string
  places: readonly Place[]
  isMac: boolean
}

/** Everything there is to do, found by typing; a pasted URL is purged, prefetched or looked up. */
export function Palette({ owner, places, isMac }: Props) {
  const t = useTranslations('palette')
  const [isOpen, hasClosed] = useModal('palette')
  usePaletteKey(isMac)
  if (!isOpen) return null
  return (
    <Modal
      name="palette"
      label={t('open')}
      className="mt-[max(12px,12vh)] w-[min(620px,calc(100vw-24px))]"
      onClose={hasClosed}
    >
      <Combobox owner={owner} places={places} />
    </Modal>
  )
}

/** Ctrl+K, or Cmd+K on a Mac, where Ctrl+K belongs to text fields. */
function usePaletteKey(isMac: boolean): void {
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      const isOurs = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey
      if (!isOurs || event.altKey || event.shiftKey || event.key.toLowerCase() !== 'k') return
      event.preventDefault()
      const open = document.getElementById('palette')
      if (open instanceof HTMLDialogElement) open.close()
      else openModal('palette')
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [isMac])
}

function Combobox({ owner, places }: Omit<Props, 'isMac'>) {
  const t = useTranslations('palette')
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  /** All lines that were pasted; the input holds only the first. */
  const [pasted, setPasted] = useState<string | null>(null)
  const [active, setActive] = useState(0)
  const [isTooLong, setTooLong] = useState(false)
  const typed = useMemo(() => readTyped(pasted ?? text), [pasted, text])
  const commands = useCommands({ owner, places, typed, onTooLong: () => setTooLong(true) })
  const chosen = commands[Math.min(active, commands.length - 1)]

  const change = (given: string, whole: string | null) => {
    setText(given)
    setPasted(whole)
    setActive(0)
    setTooLong(false)
  }

  const paste = (event: ClipboardEvent) => {
    const whole = event.clipboardData.getData('text/plain')
    const { lines } = readTyped(whole)
    if (lines.length < 2) return
    // An input would run the lines together.
    event.preventDefault()
    change(lines[0] ?? '', whole)
  }

  const run = (command: Command | undefined) => {
    if (command && command.run() !== false) input.current?.closest('dialog')?.close()
  }

  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const last = commands.length - 1
    const moves: Record<string, () => number> = {
      ArrowDown: () => (active >= last ? 0 : active + 1),
      ArrowUp: () => (active <= 0 ? last : active - 1),
      Home: () => 0,
      End: () => last,
    }
    const move = event.shiftKey ? undefined : moves[event.key]
    if (move) setActive(move())
    else if (event.key === 'Enter') run(chosen)
    else return
    event.preventDefault()
  }

  return (
    <div className="flex max-h-[min(540px,calc(100dvh-max(12px,12vh)-12px))] flex-col">
      <div className="flex items-center gap-2 border-line border-b px-4">
        <SearchMark />
        <input
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={chosen ? `${id}-${chosen.id}` : undefined}
          aria-label={t('open')}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="go"
          placeholder={t('placeholder')}
          className="h-12 min-w-0 flex-1 bg-panel text-[15px] outline-none placeholder:text-muted"
          value={text}
          onChange={(event) => change(event.target.value, null)}
          onPaste={paste}
          onKeyDown={press}
        />
        {pasted === null ? null : (
          <span className="shrink-0 text-muted">{t('more', { count: typed.lines.length - 1 })}</span>
        )}
      </div>
      <CommandList id={id} commands={commands} chosen={chosen} onPoint={setActive} onRun={run} />
      <p role="alert" className="border-line border-t px-4 py-2 text-wait empty:hidden">
        {isTooLong ? t('tooLong') : null}
      </p>
    </div>
  )
}

export function SearchMark() {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      className="shrink-0 text-muted"
    >
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </svg>
  )
}
