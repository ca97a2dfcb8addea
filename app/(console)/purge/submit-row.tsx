'use client'

import { useTranslations } from 'use-intl'
import { field, primaryButton } from '#components/ui/classes.ts'
import type { Mode } from '#lib/core/command.ts'
import type { Method } from '#lib/core/line.ts'
import type { Submission, SubmissionLine } from '#lib/core/submission.ts'

/** From here on a submission is felt at the origin. */
const manyLines = 1_000

type Props = {
  method: Method
  mode: Mode
  parsed: Submission
  scripted: boolean
  /** Whether it must wait, for an answer or for a name to be typed. */
  isHeld: boolean
  forbidden: boolean
  denied: { purge?: string | undefined; prefetch?: string | undefined }
  queued: number
  onForbidden: (forbidden: boolean) => void
}

/** The button, which says what it will do, and what may be said with it. */
export function SubmitRow(props: Props) {
  const { method, mode, parsed, scripted, isHeld, forbidden, denied, queued, onForbidden } = props
  const t = useTranslations()
  const refusal = denied[method === 'prefetch' ? 'prefetch' : 'purge']
  const isBlocked = scripted && parsed.lines.length === 0 && parsed.problems.length > 0
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-2.5 gap-y-2">
      <button
        type="submit"
        className={primaryButton}
        disabled={isHeld || isBlocked || refusal !== undefined}
        title={refusal}
        // Without script the server sorts the lines, once the page has shown which are which.
        name={!scripted && parsed.problems.length > 0 ? 'keep' : undefined}
        value="1"
      >
        {isBlocked ? t('purge.nothingReady') : <SubmitWords lines={parsed.lines} method={method} />}
        {parsed.problems.length > 0 && !isBlocked ? t('purge.keep', { count: parsed.problems.length }) : ''}
        {scripted ? <kbd className="ml-1 font-mono text-[11px]">{t('purge.submitKeys')}</kbd> : null}
      </button>
      <input
        name="note"
        className={`${field} max-w-[240px]`}
        aria-label={t('purge.note')}
        placeholder={t('purge.note')}
        maxLength={200}
      />
      <Choices
        method={method}
        mode={mode}
        forbidden={forbidden}
        onForbidden={onForbidden}
        mayPrefetch={denied.prefetch === undefined}
      />
      <p className="text-muted md:ml-auto">
        {method === 'prefetch' ? t('prefetch.help', { queued }) : t('purge.help')}
      </p>
    </div>
  )
}

/** What the button will do, with numbers: URLs and directories apart. */
function SubmitWords({ lines, method }: { lines: readonly SubmissionLine[]; method: Method }) {
  const t = useTranslations('purge')
  const own = lines.filter((line) => line.method === method).length
  const directories = method === 'url' ? lines.length - own : 0
  return (
    <>
      {own > 0 || directories === 0
        ? t(`submitOf.${method}`, { count: own })
        : t('submitOf.directory', { count: directories })}
      {own > 0 && directories > 0 ? t('andDirectories', { count: directories }) : ''}
    </>
  )
}

/** What else may be asked for: that content be gone for good, or that it be fetched again. */
function Choices({
  method,
  mode,
  forbidden,
  onForbidden,
  mayPrefetch,
}: {
  method: Method
  mode: Mode
  forbidden: boolean
  onForbidden: (forbidden: boolean) => void
  mayPrefetch: boolean
}) {
  const t = useTranslations('purge')
  if (method !== 'url') return null
  return (
    <>
      {mayPrefetch ? (
        <label className="flex items-center gap-1.5">
          <input type="checkbox" name="thenPrefetch" className="size-4 accent-accent" disabled={forbidden} />
          {t('thenPrefetch')}
        </label>
      ) : null}
      {mode === 'hard' ? (
        <label className="flex items-center gap-1.5" title={t('forbiddenHelp')}>
          <input
            type="checkbox"
            name="forbidden"
            className="size-4 accent-accent"
            checked={forbidden}
            onChange={(event) => onForbidden(event.target.checked)}
          />
          {t('forbidden')}
        </label>
      ) : null}
      {forbidden ? <p className="w-full text-wait">{t('forbiddenHelp')}</p> : null}
    </>
  )
}

/** What the origin will feel, where that is much. */
export function LoadWarning({ lines }: { lines: readonly SubmissionLine[] }) {
  const t = useTranslations('purge')
  const isPrefetch = lines[0]?.kind === 'prefetch'
  const isBroad = lines.some((line) => line.breadth !== 'narrow')
  if (isPrefetch || (lines.length <= manyLines && !isBroad)) return null
  return (
    <p className="mt-3 text-wait" role="status">
      {isBroad ? t('loadBroad') : t('loadMany', { count: lines.length })}
    </p>
  )
}
