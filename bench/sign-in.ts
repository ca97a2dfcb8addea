import { addUser, choosePassword, disableUser } from '#lib/operations/save-user.ts'
import { createAccount } from '#lib/operations/set-up.ts'
import { callerOfSession, openSession } from '#lib/operations/sign-in.ts'
import { setSignIn } from '#lib/operations/user-sign-in.ts'
import { judge, tell } from './stand/numbers.ts'
import { type Stand, withStand } from './stand/stand.ts'

// Whether the time of a wrong sign-in tells who is here: names of every kind in turns, each with a wrong
// password, with the throttle off, for it would end the measurement at the fifth.

const tries = 200
const target = 5
const password = 'correct horse battery'
const from = { address: '192.0.2.1', userAgent: 'bench' }

await withStand(async (stand) => {
  const names = await addUsers(stand)
  const times = new Map(names.map((name) => [name, [] as number[]]))
  for (const name of names) await wrongMs(name)
  for (let turn = 0; turn < tries; turn += 1) {
    // Each kind comes after each other one equally often.
    const first = turn % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)])
      times.get(name)?.push(await wrongMs(name))
  }
  const means = new Map([...times].map(([name, all]) => [name, meanOf(all)]))
  const unknown = means.get('unknown') ?? Number.NaN
  for (const [name, all] of times) tell(name, all)
  for (const [name, mean] of means) {
    if (name === 'unknown') continue
    const percent = (100 * Math.abs(mean - unknown)) / unknown
    judge(
      `mean of ${name}, ${mean.toFixed(2)} ms, against unknown, ${unknown.toFixed(2)} ms, in percent`,
      percent,
      {
        atMost: target,
      },
    )
  }
})

/** The mean without the slowest quarter: those met other work on the machine, whatever the name. */
function meanOf(times: readonly number[]): number {
  const values = times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length * 0.75))
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

async function wrongMs(name: string): Promise<number> {
  const startMs = performance.now()
  const answer = await openSession({ name, password: 'wrong horse battery' }, from, {
    isThrottled: false,
  }).catch(({ code }) => code)
  if (answer !== 'SignInFailed') throw new Error(`${name} was answered with ${answer}`)
  return performance.now() - startMs
}

/** Users of every kind, named after it; nobody is called `unknown`. */
async function addUsers({ caller }: Stand): Promise<string[]> {
  const add = async (by: typeof caller, name: string, isInvited = false) => {
    const { id, token } = await addUser(by, { name, policy: 'FreshetReadOnlyAccess' })
    if (!isInvited) await choosePassword({ token, password })
    return { id }
  }
  const { token } = await createAccount({ account: 'Second', owner: 'head' })
  await choosePassword({ token, password })
  const other = await callerOfSession(await openSession({ name: 'head', password }, from))
  if (!other) throw new Error('the other owner is not signed in')
  await add(caller, 'known')
  await disableUser(caller, { ...(await add(caller, 'disabled')), disabled: true })
  await setSignIn(caller, { ...(await add(caller, 'switched-off')), signIn: false })
  await add(caller, 'without-password', true)
  await add(caller, 'ambiguous')
  await add(other, 'ambiguous')
  return [
    'unknown',
    'known',
    'disabled',
    'switched-off',
    'without-password',
    'ambiguous',
    'known@bench',
    'known@nowhere',
  ]
}
