import { get } from 'node:http'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { demoPlan, describeDemo } from '#lib/fleet/demo-plan.ts'
import { type RunningPostgres, startPostgres } from '#lib/fleet/postgres.ts'
import { extendEnvironment, setupToken, startSettings } from '#lib/settings.ts'
import { openConsoleRole } from '#lib/store/console-role.ts'
import { migrate } from '#lib/store/migrate.ts'
import { readStartState, type StartState } from '#lib/store/start-state.ts'
import { build, making } from './build.ts'
import { takeLock } from './lock.ts'
import { consoleEnvironment, tellAuditGuard } from './parts.ts'
import { requireFreeDemo, requireFreePort } from './port.ts'
import { endAll, lastLines, launch, type Service } from './processes.ts'
import { openStateFolder } from './state-folder.ts'

type Place = ReturnType<typeof startSettings> & { logFolder: string }

/** Services may take this long to say goodbye; Postgres then has the rest of two seconds. */
const patienceMs = 1_500
/** A worker that ends sooner is not started again: it would end again. */
const shortLifeMs = 10_000

/**
 * Brings everything up on one machine: database, console, worker, demo; and takes it down again.
 *
 * @throws Error in one sentence, once everything that had started is down
 */
export async function start(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { 'no-demo': { type: 'boolean', default: false } } })
  const place = findPlace()
  openStateFolder(place.stateFolder, !place.hasSecretKey)
  const mayStillEnd = takeLock(place.stateFolder, place.address)
  await requireFreePort(place.host, place.port, mayStillEnd ? 3_000 : 0)
  const run = new Run(place)
  const stop = onSignal()
  try {
    await Promise.race([run.up(!values['no-demo']), stop])
    await Promise.race([run.failure(), stop])
  } finally {
    await run.down()
  }
  process.exit(0)
}

function findPlace(): Place {
  const known = startSettings()
  return { ...known, logFolder: path.join(known.stateFolder, 'logs') }
}

/** Resolves at the first signal to stop; later ones, as from an impatient Ctrl-C, change nothing. */
function onSignal(): Promise<void> {
  // A closed terminal must not end the process while it is stopping the others.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve())
  })
}

/** One start: what is running of it, so that it can be taken down from any point. */
class Run {
  place: Place
  services: Service[] = []
  postgres: Promise<RunningPostgres> | undefined
  /** How the console reaches the database: as a role that cannot change the audit log, where we may make one. */
  consoleUrl = ''
  stopping = false
  readonly #failed = Promise.withResolvers<never>()

  constructor(place: Place) {
    this.place = place
    // Nobody waits for it while everything is being taken down.
    this.#failed.promise.catch(() => {})
  }

  async up(withDemo: boolean): Promise<void> {
    const [state] = await Promise.all([this.#openDatabase(), build(this.place.logFolder)])
    if (withDemo && state.wantsDemo) await this.#startDemo()
    this.#startConsole()
    void this.#keepWorker()
    await Promise.race([answer(this.place), this.failure()])
    console.log(greeting(this.place, state))
  }

  /** Rejects when a service ends that has to be there, with its last words. */
  failure(): Promise<never> {
    return this.#failed.promise
  }

  /** A worker that ends is begun anew, for it holds nothing; one that ends again and again is a failure. */
  async #keepWorker(): Promise<void> {
    let [service, ended] = [undefined, { how: '', livedMs: shortLifeMs }] as [Service | undefined, Life]
    while (!this.stopping && ended.livedMs >= shortLifeMs) {
      if (service)
        console.log(`The worker ended (${ended.how}) and is started again. Its log: ${service.log}`)
      this.services = this.services.filter((one) => one !== service)
      service = this.#launch('worker', ['lib/worker/main.ts'])
      ended = await lifeOf(service)
    }
    if (service) this.#fail(service, ended.how)
  }

  #fail({ name, log }: Service, how: string): void {
    this.#failed.reject(new Error(`The ${name} ended (${how}). The end of ${log}:\n${lastLines(log)}`))
  }

  async down(): Promise<void> {
    this.stopping = true
    const started = performance.now()
    await endAll([...this.services, ...making], patienceMs)
    const left = 1_900 - (performance.now() - started)
    const postgres = await this.postgres?.catch(() => undefined)
    await postgres?.stop(Math.max(left, 200))
  }

  async #openDatabase(): Promise<StartState> {
    const url = this.place.databaseUrl ?? (await this.#startPostgres())
    await migrate(url)
    extendEnvironment({ DATABASE_URL: url })
    if (this.place.databaseUrl) tellAuditGuard()
    this.consoleUrl = this.place.databaseUrl ?? (await openConsoleRole(url))
    return readStartState(url)
  }

  async #startPostgres(): Promise<string> {
    this.postgres = startPostgres({ folder: path.join(this.place.stateFolder, 'postgres') })
    return (await this.postgres).url
  }

  async #startDemo(): Promise<void> {
    const plan = await demoPlan(this.place.stateFolder)
    await requireFreeDemo(plan)
    extendEnvironment({ FRESHET_DEMO: JSON.stringify(describeDemo(plan)) })
    this.#need(this.#launch('demo', ['lib/fleet/main.ts', path.join(this.place.stateFolder, 'demo.json')]))
  }

  #startConsole() {
    this.#need(
      this.#launch('console', ['app/server.ts'], { ...consoleEnvironment, DATABASE_URL: this.consoleUrl }),
    )
  }

  #need(service: Service) {
    void service.ended.then(({ how }) => this.#fail(service, how))
  }

  #launch(name: string, args: string[], env: Record<string, string> = {}): Service {
    const { logFolder } = this.place
    const service = launch({ name, args, env, logFolder, patienceMs })
    this.services.push(service)
    return service
  }
}

type Life = { how: string; livedMs: number }

async function lifeOf(service: Service): Promise<Life> {
  const startedMs = performance.now()
  const { how } = await service.ended
  return { how, livedMs: performance.now() - startedMs }
}

function greeting({ address }: Place, { hasAccount }: StartState): string {
  const seconds = (performance.now() / 1000).toFixed(1)
  const link = hasAccount ? address : `set it up at ${address}/set-up?token=${setupToken()}`
  return `Freshet is ready after ${seconds} s: ${link}`
}

/** Waits for a page; which one does not matter, an error page is no page. */
async function answer({ host, port }: Place): Promise<void> {
  while (!(await answers(host, port))) await delay(25)
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({
      host: host === '0.0.0.0' ? '127.0.0.1' : host,
      port,
      path: '/sign-in',
      timeout: 10_000,
    })
    request.on('response', (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 500)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })
}
