/** A text that is compared with names, and with all names that begin with a prefix. */
export type Wildcard = {
  /** How everything that it fits begins. */
  head: string
  fits: (name: string) => boolean
  /** Whether it fits every name that begins with the prefix, the prefix itself included. */
  fitsAll: (prefix: string) => boolean
  /** Whether it fits some name that begins with the prefix. */
  fitsSome: (prefix: string) => boolean
}

/** A text without wildcards. */
export function literal(text: string): Wildcard {
  return {
    head: text,
    fits: (name) => name === text,
    fitsAll: () => false,
    fitsSome: (prefix) => text.startsWith(prefix),
  }
}

/** A text with `*` for any run of characters, none included, and `?` for any one character. */
export function wildcard(written: string): Wildcard {
  const asterisk = written.indexOf('*')
  if (asterisk < 0 && !written.includes('?')) return literal(written)
  // In one run of wildcards the asterisks may stand last: `*?` is `?*`. So the end tells whether it is open.
  const text = written.replace(/[*?]{2,}/g, (run) =>
    run.includes('*') ? `${run.replaceAll('*', '')}*` : run,
  )
  const fits = fastTest(text) ?? ((name: string) => isFitting(text, name))
  const isOpen = text.endsWith('*')
  const start = asterisk < 0 ? text : text.slice(0, text.indexOf('*'))
  return {
    head: text.slice(0, text.search(/[*?]/)),
    fits,
    fitsAll: (prefix) => isOpen && fits(prefix),
    // From the first asterisk on, it goes on with whatever the prefix does.
    fitsSome: (prefix) =>
      (asterisk >= 0 || prefix.length <= start.length) &&
      isFitting(start.slice(0, prefix.length), prefix.slice(0, start.length)),
  }
}

/** A test for texts without `?`, which nearly all are: many times faster than the general one. */
function fastTest(text: string): ((name: string) => boolean) | undefined {
  if (text.includes('?')) return undefined
  if (text === '*') return () => true
  const pieces = text.split('*')
  const start = pieces.shift() ?? ''
  const end = pieces.pop() ?? ''
  const least = text.length - pieces.length - 1
  return (name) => {
    if (name.length < least || !name.endsWith(end) || !name.startsWith(start)) return false
    let at = start.length
    for (const piece of pieces) {
      const found = name.indexOf(piece, at)
      if (found < 0) return false
      at = found + piece.length
    }
    return at + end.length <= name.length
  }
}

function isFitting(pattern: string, name: string): boolean {
  // Characters of the name from where the last asterisk may take one more.
  let [at, place, asterisk, from] = [0, 0, -1, 0]
  while (at < name.length) {
    if (pattern[place] === '*') {
      asterisk = place
      place += 1
      from = at
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === name[at])) {
      at += 1
      place += 1
    } else if (asterisk >= 0) {
      from += 1
      at = from
      place = asterisk + 1
    } else return false
  }
  while (pattern[place] === '*') place += 1
  return place === pattern.length
}

/** Whether one text with wildcards fits everything that another one fits, as far as that is simple. */
export function covers(wide: string, narrow: string): boolean {
  const { fits } = wildcard(wide)
  // What an asterisk stands for may be nothing, and longer than anything that is written.
  const other = '\u0001'
  const long = other.repeat(wide.length + 1)
  return [long, ''].every((run) => fits(narrow.replaceAll('*', run).replaceAll('?', other)))
}
