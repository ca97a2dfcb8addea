import { headers } from 'next/headers'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { getTranslations, preferences } from '#app/i18n.ts'
import { cachesSeen, domainsSeen } from '#app/reads.ts'
import { currentCaller } from '#app/session.ts'
import { signOutAction } from '#app/sign-in/actions.ts'
import { Brand } from '#components/brand.tsx'
import { Denied } from '#components/denied.tsx'
import { NavLink } from '#components/nav.tsx'
import type { Caller } from '#lib/core/caller.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import { describeOverview } from '#lib/operations/describe-overview.ts'
import { describeRefreshQuota } from '#lib/operations/describe-refresh-quota.ts'
import { listAudit } from '#lib/operations/list-audit.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { accessPlaces } from './access/access-head.tsx'
import type { Place } from './commands.ts'
import { Connection } from './connection.tsx'
import { Key, Keys } from './keys.tsx'
import { ModalButton } from './modal.tsx'
import { Palette, SearchMark } from './palette.tsx'
import { preferAction } from './preferences.ts'

type Props = {
  children: ReactNode
  /** Whether the page concerns the caller alone, who may see it whatever was granted. */
  isOwn?: boolean
}

export default async function ConsoleLayout({ children, isOwn = false }: Props) {
  const [t, caller, isMac] = await Promise.all([getTranslations(), currentCaller(), comesFromMac()])
  const mayLook = isGrantedAny(caller)
  return (
    <div className="min-h-screen md:grid md:grid-cols-[240px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:bg-panel focus:p-2"
      >
        {t('nav.skip')}
      </a>
      <header className="relative border-line border-b bg-sunk md:border-r md:border-b-0">
        {/* On a phone the rail is a sheet behind its summary; it opens without script. */}
        <details className="group md:hidden">
          <summary className="flex list-none items-center justify-between px-4 py-3 [&::-webkit-details-marker]:hidden">
            <Brand />
            <span className="w-[60px] rounded-md border border-line-strong py-1 text-center">
              {t('nav.menu')}
            </span>
          </summary>
          <Rail />
        </details>
        {/* Beside the summary, for nothing that is pressed may stand in it. */}
        <ModalButton
          opens="palette"
          label={t('palette.open')}
          className="absolute top-3 right-[84px] flex size-[30px] items-center justify-center rounded-md border border-line-strong md:hidden"
        >
          <SearchMark />
        </ModalButton>
        <div className="sticky top-0 hidden h-screen flex-col overflow-y-auto md:flex">
          <Link href="/" prefetch={false} className="px-4 pt-4 pb-3">
            <Brand />
          </Link>
          <ModalButton
            opens="palette"
            className="mx-2.5 mb-3 flex min-h-[34px] items-center gap-1.5 rounded-md border border-line-strong bg-panel px-2 text-left text-muted text-sm hover:border-muted"
          >
            <SearchMark />
            <span className="min-w-0 flex-1 truncate">{t('palette.open')}</span>
            <Key>{modifierOf(isMac)} K</Key>
          </ModalButton>
          <Rail />
        </div>
      </header>
      <main id="main" className="w-full max-w-[1180px] px-4 pt-5 pb-20 md:px-7">
        {mayLook || isOwn ? (
          children
        ) : (
          <Denied
            title={t('policy.noneTitle')}
            sentence={t('policy.noneSays')}
            needs={t('policy.needs', { action: listDomains.action })}
          />
        )}
      </main>
      {caller ? (
        <>
          <Palette owner={String(caller.userId)} places={mayLook ? placesOf(caller, t) : []} isMac={isMac} />
          <Keys modifier={modifierOf(isMac)} />
          <Connection />
        </>
      ) : null}
    </div>
  )
}

const comesFromMac = async () => (await headers()).get('user-agent')?.includes('Mac OS X') ?? false

const modifierOf = (isMac: boolean) => (isMac ? '⌘' : 'Ctrl')

/** The pages that the rail leads a caller to, in its order. */
function placesOf(caller: Caller, t: Awaited<ReturnType<typeof getTranslations>>): Place[] {
  const may = (action: string) => mayAnywhere(caller, action)
  return [
    { href: '/', text: t('overview.title') },
    { href: '/records', text: t('records.tab') },
    { href: '/domains', text: t('nav.domains') },
    { href: '/caches', text: t('nav.caches') },
    ...(may(describeRefreshQuota.action) ? [{ href: '/quotas', text: t('quotaPage.title') }] : []),
    { href: '/api', text: t('api.title') },
    ...accessPlaces(caller).map(({ path, name }) => ({ href: path, text: t(`access.tabs.${name}`) })),
    ...(may(listAudit.action) ? [{ href: '/audit', text: t('audit.title') }] : []),
    { href: '/you', text: t('you.title') },
  ]
}

/** Whether a page has anything to show; who is not signed in is sent away by the page itself. */
const isGrantedAny = (caller: Caller | null) => caller?.role !== 'user' || caller.policies.length > 0

async function Rail() {
  const caller = await currentCaller()
  // The page sends a stranger to sign in, for it knows where to return to.
  if (!caller) return null
  return (
    <>
      {isGrantedAny(caller) ? <Places caller={caller} /> : <div className="flex-1" />}
      <div className="space-y-2 border-line border-t px-4 py-3 text-muted text-xs">
        <Preferences />
        <Person name={caller.name} account={caller.accountName} />
      </div>
    </>
  )
}

/** Who is signed in, which leads to their own page, and for which account. */
async function Person({ name, account }: { name: string; account: string }) {
  const t = await getTranslations()
  return (
    <form action={signOutAction} className="flex items-end justify-between gap-2">
      <span className="min-w-0">
        <Link
          href="/you"
          prefetch={false}
          className="block truncate font-medium text-text leading-6 hover:underline"
          title={name}
        >
          {name}
        </Link>
        <span className="block truncate" title={account}>
          {account}
        </span>
      </span>
      <button type="submit" className="min-h-6 shrink-0 font-medium text-accent hover:underline">
        {t('nav.signOut')}
      </button>
    </form>
  )
}

async function Places({ caller }: { caller: Caller }) {
  const [t, domains, caches] = await Promise.all([getTranslations(), domainsSeen(caller), cachesSeen(caller)])
  const [access] = accessPlaces(caller)
  const down = caches.filter((cache) => cache.status === 'waiting' || cache.status === 'paused').length
  return (
    <nav aria-label={t('nav.label')} className="flex flex-1 flex-col gap-0.5 px-2.5 pb-3">
      {mayAnywhere(caller, describeOverview.action) ? (
        <NavLink href="/">{t('overview.title')}</NavLink>
      ) : null}
      <NavLink href="/purge" also={['/records']}>
        {t('nav.purge')}
      </NavLink>
      <p className="px-2.5 pt-3.5 pb-1 text-muted text-xs">{t('nav.delivery')}</p>
      <NavLink href="/domains">
        {t('nav.domains')} <span className="text-muted">{domains.length}</span>
      </NavLink>
      <NavLink href="/caches">
        {t('nav.caches')}
        {down > 0 ? (
          <span className="font-semibold text-wait">{t('nav.down', { count: down })}</span>
        ) : (
          <span className="text-muted">{caches.length}</span>
        )}
      </NavLink>
      {mayAnywhere(caller, describeRefreshQuota.action) ? (
        <NavLink href="/quotas">{t('quotaPage.title')}</NavLink>
      ) : null}
      <NavLink href="/api">{t('api.title')}</NavLink>
      {access || mayAnywhere(caller, listAudit.action) ? (
        <p className="px-2.5 pt-3.5 pb-1 text-muted text-xs">{t('access.group')}</p>
      ) : null}
      {access ? (
        <NavLink href={access.path} also={['/access']}>
          {t('access.title')}
        </NavLink>
      ) : null}
      {mayAnywhere(caller, listAudit.action) ? <NavLink href="/audit">{t('audit.title')}</NavLink> : null}
    </nav>
  )
}

async function Preferences() {
  const [t, { locale, theme }] = await Promise.all([getTranslations(), preferences()])
  const next = theme === 'dark' ? 'light' : theme === 'light' ? 'system' : 'dark'
  return (
    <form action={preferAction} className="flex items-center justify-between gap-2">
      <button
        type="submit"
        name="locale"
        value={locale === 'en' ? 'zh-CN' : 'en'}
        lang={locale === 'en' ? 'zh-CN' : 'en'}
        className="min-h-6 font-medium hover:text-text"
      >
        {locale === 'en' ? '中文' : 'English'}
      </button>
      <button type="submit" name="theme" value={next} className="min-h-6 font-medium hover:text-text">
        {t(`nav.theme.${next}`)}
      </button>
      <ModalButton opens="keys" className="flex min-h-6 items-center gap-1.5 font-medium hover:text-text">
        {t('keys.title')} <Key>?</Key>
      </ModalButton>
    </form>
  )
}
