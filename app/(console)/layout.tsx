import Link from 'next/link'
import type { ReactNode } from 'react'
import { getTranslations, preferences } from '#app/i18n.ts'
import { currentCaller, requireCaller } from '#app/session.ts'
import { signOutAction } from '#app/sign-in/actions.ts'
import { Brand } from '#components/brand.tsx'
import { Denied } from '#components/denied.tsx'
import { NavLink } from '#components/nav.tsx'
import { type Caller, mayAnywhere } from '#lib/core/policy.ts'
import { describeOverview } from '#lib/operations/describe-overview.ts'
import { describeRefreshQuota } from '#lib/operations/describe-refresh-quota.ts'
import { listCaches } from '#lib/operations/list-caches.ts'
import { listDomains } from '#lib/operations/save-domain.ts'
import { listUsers } from '#lib/operations/save-user.ts'
import { preferAction } from './preferences.ts'

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [t, mayLook] = await Promise.all([getTranslations(), currentCaller().then(isGrantedAny)])
  return (
    <div className="min-h-screen md:grid md:grid-cols-[212px_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-10 focus:bg-panel focus:p-2"
      >
        {t('nav.skip')}
      </a>
      <header className="border-line border-b bg-sunk md:border-r md:border-b-0">
        {/* On a phone the rail is a sheet behind its summary; it opens without script. */}
        <details className="group md:hidden">
          <summary className="flex list-none items-center justify-between px-4 py-3 [&::-webkit-details-marker]:hidden">
            <Brand />
            <span className="rounded-md border border-line-strong px-2.5 py-1">{t('nav.menu')}</span>
          </summary>
          <Rail />
        </details>
        <div className="sticky top-0 hidden h-screen flex-col overflow-y-auto md:flex">
          <Link href="/" className="px-4 pt-4 pb-3">
            <Brand />
          </Link>
          <Rail />
        </div>
      </header>
      <main id="main" className="w-full max-w-[1180px] px-4 py-5 md:px-7">
        {mayLook ? (
          children
        ) : (
          <Denied
            title={t('policy.noneTitle')}
            sentence={t('policy.noneSays')}
            needs={t('policy.needs', { action: listDomains.action })}
          />
        )}
      </main>
    </div>
  )
}

/** Whether a page has anything to show; who is not signed in is sent away by the page itself. */
const isGrantedAny = (caller: Caller | null) => caller === null || mayAnywhere(caller, listDomains.action)

async function Rail() {
  const caller = await requireCaller('/')
  return (
    <>
      {isGrantedAny(caller) ? <Places caller={caller} /> : <div className="flex-1" />}
      <div className="space-y-2 border-line border-t px-4 py-3 text-muted text-xs">
        <Preferences />
        <SignOut name={`${caller.name}, ${caller.accountName}`} />
      </div>
    </>
  )
}

async function SignOut({ name }: { name: string }) {
  const t = await getTranslations()
  return (
    <form action={signOutAction} className="flex items-center justify-between gap-2">
      <span className="truncate" title={name}>
        {name}
      </span>
      <button type="submit" className="shrink-0 font-medium text-accent hover:underline">
        {t('nav.signOut')}
      </button>
    </form>
  )
}

async function Places({ caller }: { caller: Caller }) {
  const [t, domains, caches] = await Promise.all([
    getTranslations(),
    listDomains(caller, {}),
    listCaches(caller, {}),
  ])
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
      {mayAnywhere(caller, listUsers.action) ? (
        <>
          <p className="px-2.5 pt-3.5 pb-1 text-muted text-xs">{t('access.group')}</p>
          <NavLink href="/access">{t('access.title')}</NavLink>
        </>
      ) : null}
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
        className="font-medium hover:text-text"
      >
        {locale === 'en' ? '中文' : 'English'}
      </button>
      <button type="submit" name="theme" value={next} className="font-medium hover:text-text">
        {t(`nav.theme.${next}`)}
      </button>
    </form>
  )
}
