'use client'

import { usePathname, useRouter } from 'next/navigation'
import { Fragment, type ReactNode, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { button } from '#components/ui/classes.ts'
import { Modal, openModal, useModal } from './modal.tsx'

const place = 'freshet.single-keys'

/** Somebody who speaks to the page types by accident, and may have turned single keys off. */
const areKeysOn = () => {
  try {
    return localStorage.getItem(place) !== 'off'
  } catch {
    return true
  }
}

function turnKeys(on: boolean): void {
  try {
    localStorage.setItem(place, on ? 'on' : 'off')
  } catch {
    // A browser that keeps nothing has them on again with the next page.
  }
}

/** Keys without a modifier, and the list of all keys behind `?`. */
export function Keys({ modifier }: { modifier: string }) {
  const t = useTranslations('keys')
  const [isOpen, hasClosed] = useModal('keys')
  useSingleKeys()
  if (!isOpen) return null
  return (
    <Modal name="keys" label={t('title')} className="w-[min(440px,calc(100vw-24px))]" onClose={hasClosed}>
      <div className="max-h-[calc(100dvh-24px)] overflow-y-auto p-5">
        <h2 className="font-semibold text-lg tracking-tight">{t('title')}</h2>
        <label className="mt-3 flex min-h-6 items-center gap-2 font-medium">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            aria-describedby="single-keys-help"
            defaultChecked={areKeysOn()}
            onChange={(event) => turnKeys(event.target.checked)}
          />
          {t('single')}
        </label>
        <p id="single-keys-help" className="pl-6 text-muted text-xs">
          {t('singleHelp')}
        </p>
        <KeyTable modifier={modifier} />
        <form method="dialog" className="mt-4 flex justify-end">
          <button type="submit" className={button}>
            {t('close')}
          </button>
        </form>
      </div>
    </Modal>
  )
}

const groups = [
  ['everywhere', ['palette', 'purge', 'prefetch', 'filter', 'list']],
  ['rows', ['down', 'up', 'open']],
  ['task', ['again']],
  ['box', ['submit', 'problem', 'fix']],
] as const

const keysOf = (modifier: string) => ({
  palette: [modifier, 'K'],
  purge: ['P'],
  prefetch: ['F'],
  filter: ['/'],
  list: ['?'],
  down: ['J'],
  up: ['K'],
  open: ['↵'],
  again: ['R'],
  submit: [modifier, '↵'],
  problem: ['F8'],
  fix: [modifier, '.'],
})

function KeyTable({ modifier }: { modifier: string }) {
  const t = useTranslations('keys')
  const keys = keysOf(modifier)
  return groups.map(([group, names]) => (
    <Fragment key={group}>
      <h3 className="mt-4 mb-1 text-muted text-xs">{t(`groups.${group}`)}</h3>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1.5">
        {names.map((name) => (
          <Fragment key={name}>
            <dt>{t(`does.${name}`)}</dt>
            <dd className="flex justify-end gap-1">
              {keys[name].map((key) => (
                <Key key={key}>{key}</Key>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
    </Fragment>
  ))
}

/** A key as it is printed on a keyboard. */
export function Key({ className = '', children }: { className?: string; children: ReactNode }) {
  return (
    <kbd
      className={`inline-flex h-5 min-w-5 shrink-0 items-center justify-center rounded border border-line bg-sunk px-1 font-sans text-[11px] text-muted ${className}`}
    >
      {children}
    </kbd>
  )
}

function useSingleKeys(): void {
  const router = useRouter()
  const path = usePathname()
  const wantsFilter = useRef(false)
  useEffect(() => {
    if (wantsFilter.current && path === '/records') focusFilter()
    wantsFilter.current = false
  }, [path])
  useEffect(() => {
    const acts: Record<string, () => void> = {
      p: () => chooseOperation('purge') || router.push('/purge'),
      f: () => chooseOperation('prefetch') || router.push('/purge?method=prefetch'),
      '/': () => {
        if (focusFilter()) return
        wantsFilter.current = true
        router.push('/records')
      },
      j: () => moveRow(1),
      k: () => moveRow(-1),
      r: () => document.querySelector<HTMLElement>('[data-key="r"]')?.click(),
      '?': () => openModal('keys'),
    }
    const press = (event: KeyboardEvent) => {
      // Caps Lock changes nothing.
      const act = acts[event.shiftKey ? event.key : event.key.toLowerCase()]
      if (!act || !isFree(event) || !areKeysOn()) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [router])
}

/** Whether a key is nobody else's: not the browser's, not that of what is typed into, not that of a dialog. */
function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented)
    return false
  const { target } = event
  const isTyping =
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
  return !isTyping && document.querySelector('dialog[open]') === null
}

/** On the form itself: chooses the operation, keeps the lines, and puts the cursor into the box. */
function chooseOperation(operation: 'purge' | 'prefetch'): boolean {
  const choice = document.querySelector<HTMLInputElement>(`input[name="operation"][value="${operation}"]`)
  if (!choice) return false
  document.querySelector<HTMLElement>('main :is(.cm-content, textarea[name="text"]:not([hidden]))')?.focus()
  if (!choice.checked) choice.click()
  return true
}

function focusFilter(): boolean {
  // That of what is open beside the page comes first.
  const filter =
    document.querySelector<HTMLInputElement>('aside input[type="search"]') ??
    document.querySelector<HTMLInputElement>('main input[type="search"]')
  filter?.focus()
  filter?.select()
  return filter !== null
}

/** The row that has the focus is the current one, so that Enter and screen readers know it too. */
function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const focused = rows.findIndex((row) => row.contains(document.activeElement))
  // Beside an open row its own place is the current one.
  const current = focused < 0 ? rows.findIndex((row) => row.ariaCurrent === 'true') : focused
  const next = current === -1 ? (step === 1 ? 0 : rows.length - 1) : current + step
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)]
  row?.querySelector('a')?.focus({ preventScroll: true })
  row?.scrollIntoView({ block: 'nearest' })
}
