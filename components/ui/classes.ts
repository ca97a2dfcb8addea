/** The look of what is pressed or typed into, shared by elements that differ in kind. */
const shape =
  'inline-flex items-center justify-center gap-2 rounded-md border px-3 py-1.5 font-medium disabled:opacity-60 min-h-[34px]'

export const button = `${shape} border-line-strong bg-panel text-text hover:border-muted`

export const primaryButton = `${shape} border-accent bg-accent text-accent-ink hover:brightness-110`

/** For what takes something away. */
export const dangerButton = `${shape} border-fail bg-panel text-fail hover:brightness-110`

export const field =
  'w-full rounded-md border border-line-strong bg-panel px-2.5 py-1.5 text-text placeholder:text-muted min-h-[34px]'

export const panel = 'rounded-lg border border-line bg-panel'

/** As high as a finger needs, in a line of text that stays as high as its words. */
export const link = '-my-[3px] py-[3px] font-medium text-accent underline-offset-2 hover:underline'

export const tableHead =
  'border-line border-b text-left text-muted text-xs [&>th]:px-3 [&>th]:py-2 [&>th]:font-medium'
