import { z } from 'zod'
import { methods } from '#lib/core/line.ts'
import { domainResource } from '#lib/core/resource-name.ts'
import { countLines, parseSubmission } from '#lib/core/submission.ts'
import { rulesOf } from '#lib/store/domains.ts'
import { operation } from './operation.ts'
import { readGround, resourcesOf } from './submit.ts'

/** Parts the lines that are ready from the others, for a page without script. */
export const readLinesOf = operation({
  action: 'freshet:PreviewSubmission',
  input: z.object({ text: z.string(), method: z.enum(methods), tagDomain: z.string().optional() }),
  resources: ({ text, method, tagDomain }, caller) =>
    method === 'tag' ? [domainResource(caller.accountId, tagDomain ?? '')] : resourcesOf(text, caller),
  async run(caller, { text, method, tagDomain }): Promise<{ ready: string; kept: string }> {
    const { domains, limits } = await readGround(caller)
    // What is more than may be read at once is for the submission to refuse.
    if (countLines(text) > 2 * Math.max(...Object.values(limits.perSubmission)))
      return { ready: text, kept: '' }
    const rules = { method, domains: rulesOf(domains), dialect: 'console' as const }
    const { lines, problems } = parseSubmission(
      text,
      tagDomain === undefined ? rules : { ...rules, tagDomain },
    )
    return {
      ready: lines.map((line) => line.text).join('\n'),
      kept: problems.map((problem) => problem.given).join('\n'),
    }
  },
})
