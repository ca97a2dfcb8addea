import { listOf, text, withFields } from './answer.ts'
import { call, versions } from './call.ts'
import { gatherLines, type Line, numbered, splitLines, textsOf } from './lines.ts'
import { Misuse, readOptions } from './options.ts'
import { type Connection, connectionOf } from './profile.ts'
import { submit } from './submit.ts'

/** The API takes so many in a call. */
const mostUrls = 100

/** `freshet prefetch`. */
export async function prefetch(args: string[]): Promise<number> {
  const { values, positionals } = readOptions('prefetch', args)
  const connection = connectionOf(values)
  const headers = readHeaders(values.header)
  const lines = () =>
    values.sitemap
      ? sitemapLines(connection, values.sitemap, [...positionals, ...(values.file ?? [])])
      : gatherLines(positionals, values.file)
  const parts = async () => splitLines(await lines(), mostUrls)
  return submit(connection, values, parts, (part) => ({
    action: 'PreloadDcdnObjectCaches',
    version: versions.vendor,
    idsIn: 'PreloadTaskId',
    parameters: {
      ObjectPath: textsOf(part).join('\n'),
      WithHeader: headers && JSON.stringify(headers),
      Note: values.note,
    },
  }))
}

/** Values of one name are requests of their own: a variant each. */
function readHeaders(given: readonly string[] | undefined): Record<string, string[]> | undefined {
  if (!given) return undefined
  const pairs = given.map((header) => {
    const [, name, value] = /^([^:\s]+):\s*(.+)$/.exec(header) ?? []
    if (!name || !value) throw new Misuse(`--header is “${header}”. Write 'NAME: VALUE'.`)
    return { name, value }
  })
  const names = Map.groupBy(pairs, ({ name }) => name)
  return Object.fromEntries([...names].map(([name, own]) => [name, own.map(({ value }) => value)]))
}

const isSitemap = withFields({ Urls: listOf(text), Problem: text, Detail: text })

/** Files only: the API prefetches nothing that ends with “/”, and would refuse the others with it. */
async function sitemapLines(connection: Connection, url: string, others: string[]): Promise<Line[]> {
  if (others.length > 0) throw new Misuse('--sitemap takes no other lines: give URLs a command of their own.')
  const asked = { action: 'ReadSitemap', version: versions.own, parameters: { Url: url }, fits: isSitemap }
  const { Urls, Problem, Detail } = await call(connection, asked)
  const files = Urls.filter((one) => !one.endsWith('/'))
  if (Problem || files.length === 0)
    throw new Error(`The sitemap ${url} gave no files${Problem && `: ${Problem} ${Detail}`.trimEnd()}.`)
  if (files.length < Urls.length)
    console.error(`${Urls.length - files.length} of ${Urls.length} URLs end with / and are left out.`)
  return numbered(files)
}
