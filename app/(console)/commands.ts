'use client'

import { useRouter } from 'next/navigation'
import { startTransition } from 'react'
import { useLocale, useTranslations } from 'use-intl'
import { signOutAction } from '#app/sign-in/actions.ts'
import type { Method } from '#lib/core/line.ts'
import { openModal } from './modal.tsx'
import { preferAction } from './preferences.ts'
import { addressOf, maxLinkText } from './purge/address.ts'
import { keepDraft } from './purge/draft.ts'
import type { Typed } from './typed.ts'

/** A page that somebody may see. */
export type Place = { href: string; text: string }

/** Something the palette can do. */
export type Command = {
  id: string
  group: string
  text: string
  /** The key that does the same. */
  key?: string
  /** What it is found by besides its text and its group. */
  words?: string
  /** False where it could not be done, and the palette stays. */
  run: () => unknown
}

type Context = { owner: string; places: readonly Place[]; typed: Typed; onTooLong: () => void }

/** What can be done with what was typed; the likeliest comes first. */
export function useCommands({ owner, places, typed, onTooLong }: Context): Command[] {
  const submit = useSubmitCommands(typed, owner, onTooLong)
  const find = useFindCommands(typed)
  const standing = [...usePlaceCommands(places), ...useBrowserCommands()]
  const isFound = ({ text, group, words = '' }: Command) => {
    const all = `${text} ${group} ${words}`.toLowerCase()
    return typed.words.every((word) => all.includes(word))
  }
  const query = typed.words.join(' ')
  // What is called exactly so stands before what only has it in its name.
  const isMeant = ({ text }: Command) => Number(text.toLowerCase() === query)
  const found = standing.filter(isFound).sort((a, b) => isMeant(b) - isMeant(a))
  return places.length === 0 ? found : [...submit, ...find.known, ...found, ...find.free]
}

/** Leads lines of URLs to the form. */
function useSubmitCommands({ lines }: Typed, owner: string, onTooLong: () => void): Command[] {
  const t = useTranslations('palette')
  const router = useRouter()
  const [first = ''] = lines
  if (lines.length === 0) return []
  const isOne = lines.length === 1
  const lead = (method: Method) => {
    const text = lines.join('\n')
    if (text.length <= maxLinkText) return router.push(addressOf(text, method))
    // The number makes it another visit, also from the form itself.
    if (keepDraft(owner, { text, method })) return router.push(`/purge?draft=${Date.now()}`)
    onTooLong()
    return false
  }
  const command = (method: Method, name: 'purge' | 'purgeUnder' | 'prefetch'): Command => ({
    id: `submit-${name}`,
    group: isOne ? first : t('lines', { count: lines.length }),
    text: t(`${name}Lines`, { count: lines.length }),
    run: () => lead(method),
  })
  return [
    command('url', 'purge'),
    ...(isOne && first.endsWith('/') ? [command('directory', 'purgeUnder')] : []),
    // A prefetch needs a file.
    ...(isOne && first.endsWith('/') ? [] : [command('prefetch', 'prefetch')]),
  ]
}

/** Looks things up: what was recognised, and at the end whatever was typed. */
function useFindCommands({ lines, taskId, words }: Typed): { known: Command[]; free: Command[] } {
  const t = useTranslations('palette')
  const router = useRouter()
  const link = (id: string, text: string, href: string): Command => ({
    id,
    group: t('look'),
    text,
    run: () => router.push(href),
  })
  const records = (filter: Record<string, string>) => `/records?${new URLSearchParams(filter)}`
  if (taskId) return { known: [link('task', t('openTask', { id: taskId }), `/records/${taskId}`)], free: [] }
  const [url] = lines
  if (url && lines.length === 1) {
    const host = URL.canParse(url) ? new URL(url).hostname : ''
    const known = [
      link('find', t('findUrl'), records({ url })),
      link('history', t('history'), `/records/line?${new URLSearchParams({ url })}`),
    ]
    if (host) known.push(link('host', t('ofHost', { host }), records({ domain: host })))
    return { known, free: [] }
  }
  const text = words.join(' ')
  const isFree = lines.length === 0 && text !== ''
  return { known: [], free: isFree ? [link('find', t('find', { text }), records({ url: text }))] : [] }
}

function usePlaceCommands(places: readonly Place[]): Command[] {
  const t = useTranslations()
  const router = useRouter()
  if (places.length === 0) return []
  const go = (href: string) => () => router.push(href)
  const act = { group: t('palette.act'), words: t('nav.purge') }
  return [
    { ...act, id: 'purge', text: t('palette.purge'), key: 'P', run: go('/purge') },
    { ...act, id: 'prefetch', text: t('palette.prefetch'), key: 'F', run: go('/purge?method=prefetch') },
    ...places.map(({ href, text }) => ({
      id: href,
      group: t('palette.goTo'),
      text,
      words: href,
      ...(href === '/records' ? { key: '/' } : {}),
      run: go(href),
    })),
  ]
}

const themes = ['dark', 'light', 'system'] as const

function useBrowserCommands(): Command[] {
  const t = useTranslations()
  const other = useLocale() === 'en' ? ('zh-CN' as const) : ('en' as const)
  const group = t('palette.browser')
  const prefer = (name: string, value: string) => () => {
    const form = new FormData()
    form.set(name, value)
    startTransition(() => preferAction(form))
  }
  return [
    { id: 'keys', group, text: t('keys.title'), key: '?', run: () => openModal('keys') },
    ...themes.map((theme) => ({
      id: theme,
      group,
      text: t(`palette.theme.${theme}`),
      words: `theme ${theme}`,
      run: prefer('theme', theme),
    })),
    {
      id: other,
      group,
      text: t(`palette.language.${other}`),
      words: 'language 语言 english 中文',
      run: prefer('locale', other),
    },
    {
      id: 'sign-out',
      group,
      text: t('nav.signOut'),
      words: 'sign out log out',
      run: () => startTransition(() => signOutAction()),
    },
  ]
}
