'use client'

import { useEffect } from 'react'
import { useTranslations } from 'use-intl'
import type { Command } from './commands.ts'
import { Key } from './keys.tsx'

type Props = {
  /** What the ids of its parts begin with. */
  id: string
  commands: readonly Command[]
  chosen: Command | undefined
  onPoint: (index: number) => void
  onRun: (command: Command) => void
}

/** Commands by groups; the input has the focus, and one of them is chosen. */
export function CommandList({ id, commands, chosen, onPoint, onRun }: Props) {
  const t = useTranslations('palette')
  const chosenId = chosen ? `${id}-${chosen.id}` : ''
  useEffect(() => {
    // Braces, because a scroll answers with a promise, which is no clean-up.
    document.getElementById(chosenId)?.scrollIntoView({ block: 'nearest' })
  }, [chosenId])
  if (commands.length === 0) return <p className="px-4 py-6 text-center text-muted">{t('nothing')}</p>
  const groups = [...Map.groupBy(commands, ({ group }) => group)]
  return (
    <div
      id={`${id}-list`}
      role="listbox"
      aria-label={t('commands')}
      className="overflow-y-auto overscroll-contain px-1.5 pb-1.5"
    >
      {groups.map(([group, members], at) => (
        <div key={group} role="group" aria-labelledby={`${id}-group-${at}`}>
          <div
            id={`${id}-group-${at}`}
            className="truncate px-2.5 pt-3 pb-1 text-muted text-xs"
            title={group}
          >
            {group}
          </div>
          {members.map((command) => (
            <Option
              key={command.id}
              id={`${id}-${command.id}`}
              command={command}
              isChosen={command === chosen}
              onPoint={() => onPoint(commands.indexOf(command))}
              onRun={() => onRun(command)}
            />
          ))}
        </div>
      ))}
    </div>
  )
}

function Option({
  id,
  command,
  isChosen,
  onPoint,
  onRun,
}: {
  id: string
  command: Command
  isChosen: boolean
  onPoint: () => void
  onRun: () => void
}) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      className="flex h-9 scroll-mt-9 cursor-pointer items-center gap-3 rounded-md px-2.5 aria-selected:bg-accent-soft aria-selected:shadow-[inset_2px_0_var(--accent)]"
      // Not on entering: a list that scrolls under a still pointer must not change what is chosen.
      onPointerMove={onPoint}
      // The focus stays in the input.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onRun}
    >
      <span className="truncate">{command.text}</span>
      {command.key ? <Key className="ml-auto">{command.key}</Key> : null}
    </div>
  )
}
