/** The look of what is pressed or typed into, shared by elements that differ in kind. */
export const button =
  'inline-flex items-center justify-center gap-2 rounded-md border border-line-strong bg-panel px-3 py-1.5 font-medium text-text hover:border-muted disabled:opacity-60 min-h-[34px]'

export const primaryButton =
  'inline-flex items-center justify-center gap-2 rounded-md border border-accent bg-accent px-3 py-1.5 font-medium text-accent-ink hover:brightness-110 disabled:opacity-60 min-h-[34px]'

export const field =
  'w-full rounded-md border border-line-strong bg-panel px-2.5 py-1.5 text-text placeholder:text-muted min-h-[34px]'

export const panel = 'rounded-lg border border-line bg-panel'

export const link = 'font-medium text-accent underline-offset-2 hover:underline'
