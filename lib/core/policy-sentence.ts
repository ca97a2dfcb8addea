import type { ActionName } from './actions.ts'
import type { Mode } from './command.ts'
import type { Method } from './line.ts'
import type { Verb } from './policy.ts'
import type { PolicyDocument, Statement } from './policy-document.ts'
import { domainResource } from './resource-name.ts'

/**
 * A statement as people fill it in. An empty list asks for nothing, but that of domains: a statement
 * without any is about `*`, for what is asked for no domain.
 */
export type StatementForm = {
  effect: 'Allow' | 'Deny'
  can: Verb[]
  /** Other actions, as written. */
  other: string[]
  /** Names, or names with wildcards; `*` alone is every domain. */
  domains: string[]
  methods: Method[]
  notMethods: Method[]
  /** With wildcards. */
  paths: string[]
  modes: Mode[]
  /** Names with wildcards. */
  caches: string[]
  mostLines: number | null
  /** As in `freshet:Weekday`, of UTC. */
  weekdays: string[]
  /** Addresses and networks. */
  fromAddresses: string[]
  /** The first moment, and the first one that is too late; ISO 8601. */
  from: string | null
  until: string | null
}

/** A form that allows nothing yet, on every domain. */
export const emptyForm: StatementForm = {
  effect: 'Allow',
  can: [],
  other: [],
  domains: ['*'],
  methods: [],
  notMethods: [],
  paths: [],
  modes: [],
  caches: [],
  mostLines: null,
  weekdays: [],
  fromAddresses: [],
  from: null,
  until: null,
}

const actionsOf: Record<Verb, readonly ActionName[]> = {
  see: ['dcdn:DescribeDcdnRefreshTasks', 'dcdn:DescribeDcdnUserDomains'],
  purge: ['dcdn:RefreshDcdnObjectCaches', 'dcdn:RefreshDcdnObjectCacheByCacheTag'],
  prefetch: ['dcdn:PreloadDcdnObjectCaches'],
}

const verbNames = Object.keys(actionsOf) as Verb[]

/** The conditions that the form has fields for. */
const fields = [
  ['methods', 'StringEquals', 'freshet:Method'],
  ['notMethods', 'StringNotEquals', 'freshet:Method'],
  ['paths', 'StringLike', 'freshet:Path'],
  ['modes', 'StringEquals', 'freshet:Mode'],
  ['caches', 'StringLike', 'freshet:Cache'],
  ['mostLines', 'NumericLessThanEquals', 'freshet:LineCount'],
  ['weekdays', 'StringEquals', 'freshet:Weekday'],
  ['fromAddresses', 'IpAddress', 'acs:SourceIp'],
  ['from', 'DateGreaterThanEquals', 'acs:CurrentTime'],
  ['until', 'DateLessThan', 'acs:CurrentTime'],
] as const

/** The statement that a form stands for. */
export function fromForm(form: StatementForm, accountId: number): Statement {
  const { effect, can, other, domains } = form
  const Condition: NonNullable<Statement['Condition']> = {}
  for (const [field, operator, key] of fields) {
    const values = [form[field] ?? []].flat().map(String)
    if (values.length > 0) Condition[operator] = { ...Condition[operator], [key]: values }
  }
  return {
    Effect: effect,
    Action: [...verbNames.filter((verb) => can.includes(verb)).flatMap((verb) => actionsOf[verb]), ...other],
    Resource: domains.length === 0 ? ['*'] : domains.map((domain) => domainResource(accountId, domain)),
    ...(Object.keys(Condition).length > 0 && { Condition }),
  }
}

/** The form of a statement, or null where it says more than a form can. Lists may come back in another order. */
export function toForm(statement: Statement, accountId: number): StatementForm | null {
  const { Effect, Action = [], Resource = [], Condition = {} } = statement
  const can = verbNames.filter((verb) => actionsOf[verb].every((name) => Action.includes(name)))
  const said = new Set<string>(can.flatMap((verb) => actionsOf[verb]))
  const begin = domainResource(accountId, '')
  const values = Object.fromEntries(
    fields.map(([field, operator, key]) => [field, Condition[operator]?.[key] ?? []]),
  )
  const { mostLines = [], from = [], until = [], ...lists } = values
  const form = {
    ...emptyForm,
    ...lists,
    effect: Effect,
    can,
    other: Action.filter((name) => !said.has(name)),
    domains: Resource.filter((name) => name !== '*').map((name) => name.slice(begin.length)),
    mostLines: mostLines[0] === undefined ? null : Number(mostLines[0]),
    from: from[0] ?? null,
    until: until[0] ?? null,
  }
  return canonical(fromForm(form, accountId)) === canonical(statement) ? form : null
}

/** A statement as a text that is the same for every order of its lists and members. */
function canonical({ Condition = {}, ...rest }: Statement): string {
  const conditions = Object.entries(Condition).flatMap(([operator, byKey]) =>
    Object.entries(byKey).map(([key, values]) => [operator, key, ...values.toSorted()]),
  )
  const lists = Object.entries(rest).map(([name, value]) => [name, ...[value].flat().toSorted()])
  return JSON.stringify([lists, conditions].map((each) => each.map((one) => one.join('\n')).toSorted()))
}

/** What is asked for without a domain by everybody who opens the console. */
const everyday: readonly ActionName[] = [
  'dcdn:DescribeDcdnRefreshTaskById',
  'dcdn:DescribeDcdnRefreshQuota',
  'dcdn:DescribeDcdnUserQuota',
  'freshet:DescribeOverview',
  'freshet:DescribeRetention',
  'freshet:ListCaches',
  'freshet:ListViews',
  'freshet:ListQuotaRequests',
  'freshet:RequestAccess',
]

const submitting: readonly ActionName[] = ['freshet:PreviewSubmission', 'freshet:ReadSitemap']

/**
 * What a new policy begins with: to see and to purge, each for itself, since a path that is added to the second
 * would make the first a statement that no request fits.
 */
export function firstDocument(accountId: number): PolicyDocument {
  const domains = ['*']
  const [, ...around] = grantDocument({ domains, can: ['purge'] }, accountId).Statement
  const one = (can: Verb) => fromForm({ ...emptyForm, can: [can], domains }, accountId)
  return { Version: '1', Statement: [one('purge'), one('see'), ...around] }
}

/**
 * The policy for some people to do something on some domains. Who may do anything there also sees it, and
 * whatever a page or a query asks for without a domain is allowed in a statement of its own.
 */
export function grantDocument(
  { domains, can }: { domains: string[]; can: Verb[] },
  accountId: number,
): PolicyDocument {
  const statement = (form: Partial<StatementForm>) => fromForm({ ...emptyForm, ...form }, accountId)
  const isSubmitting = can.includes('purge') || can.includes('prefetch')
  return {
    Version: '1',
    Statement: [
      statement({ can: ['see', ...can], domains }),
      ...(isSubmitting ? [statement({ other: [...submitting], domains })] : []),
      statement({
        other: [...everyday, ...(isSubmitting ? (['freshet:RequestQuota'] as const) : [])],
        domains: [],
      }),
    ],
  }
}
