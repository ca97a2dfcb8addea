import { tidyPasted } from '#lib/core/paste.ts'
import { isTaskId } from '#lib/core/task.ts'

/** What somebody typed or pasted: lines of URLs, the number of a task, or words to look for. */
export type Typed = { lines: string[]; taskId: string | null; words: string[] }

const hasScheme = /^https?:\/\/[^\s/]/i
/** A host and a path: `www.example.com/a`. A host alone may as well be words. */
const lacksScheme = /^[a-z0-9-]+(\.[a-z0-9-]+)+\/\S*$/i

/** Reads what stands in the palette; lines are kept whole as soon as one of them is a URL. */
export function readTyped(text: string): Typed {
  const given = text.trim()
  const entries = tidyPasted(lacksScheme.test(given) ? `https://${given}` : given)
    .split('\n')
    .map((entry) => entry.trim())
    .filter(Boolean)
  return {
    lines: entries.some((entry) => hasScheme.test(entry)) ? entries : [],
    taskId: isTaskId(given) ? given : null,
    words: given.toLowerCase().split(/\s+/).filter(Boolean),
  }
}
