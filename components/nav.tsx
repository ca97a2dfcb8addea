'use client'

import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useLayoutEffect, useRef } from 'react'

/** One entry of the rail; it knows whether its page is open. */
export function NavLink({
  href,
  also = [],
  children,
}: {
  href: string
  also?: string[]
  children: ReactNode
}) {
  const path = usePathname()
  const open = [href, ...also].some((at) => path === at || path.startsWith(`${at}/`))
  return (
    <Link
      href={href}
      // Every page carries the rail: asked for ahead, its places would be most of what a page transfers.
      prefetch={false}
      aria-current={open ? 'page' : undefined}
      className="flex items-center justify-between rounded-md px-2.5 py-1.5 text-muted hover:text-text aria-[current]:bg-panel aria-[current]:font-medium aria-[current]:text-text aria-[current]:ring-1 aria-[current]:ring-line"
    >
      {children}
    </Link>
  )
}

/**
 * The views of one subject. `exact` where the address of one begins those of the others. Where there is no
 * room for all of them the row scrolls under faded edges, and begins with the open one in sight.
 */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: { href: string; text: string; exact?: boolean }[]
}) {
  const path = usePathname()
  const row = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with another path another one is open
  useLayoutEffect(() => {
    const open = row.current?.querySelector<HTMLElement>('[aria-current]')
    if (row.current && open)
      row.current.scrollLeft = open.offsetLeft - (row.current.clientWidth - open.offsetWidth) / 2
  }, [path])
  return (
    <nav
      ref={row}
      aria-label={label}
      className="relative -mx-4 mt-4 mb-4 flex gap-x-5 overflow-x-auto overflow-y-hidden border-line border-b px-4 [scrollbar-width:none] max-lg:mask-x-from-[calc(100%-16px)] md:-mx-7 md:px-7 lg:mx-0 lg:px-0"
    >
      {tabs.map(({ href, text, exact }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={(exact ? path === href : path.startsWith(href)) ? 'page' : undefined}
          className="-mb-px whitespace-nowrap border-transparent border-b-2 pt-1.5 pb-2 text-muted hover:text-text aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-text"
        >
          {text}
        </Link>
      ))}
    </nav>
  )
}
