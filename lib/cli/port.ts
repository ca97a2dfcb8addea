import { lookup } from 'node:dns/promises'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { DemoPlan } from '#lib/fleet/demo-plan.ts'

/**
 * Refuses a port that somebody listens on, at any address of the host: `localhost` has two, and a browser
 * may choose the one that is not ours.
 *
 * @param patienceMs  how long to wait for a killed predecessor to let go
 * @throws Error in one sentence
 */
export async function requireFreePort(host: string, port: number, patienceMs: number): Promise<void> {
  const addresses = await lookup(host, { all: true }).catch(() => {
    throw new Error(`HOST is “${host}”, which is not a name or address of this machine.`)
  })
  const until = performance.now() + patienceMs
  for (const { address } of addresses) await waitForPort(host, address, port, until)
}

/**
 * Refuses to start the demo on a port that somebody listens on: its caches are rows with addresses.
 *
 * @throws Error in one sentence
 */
export async function requireFreeDemo({ originPort, edges }: DemoPlan): Promise<void> {
  for (const port of [originPort, ...edges.flatMap((edge) => [edge.sitePort, edge.controlPort])]) {
    if ((await tryPort('127.0.0.1', port)) === undefined) continue
    throw new Error(
      `Port ${port} of the demo is in use by another program: free it, or start with --no-demo.`,
    )
  }
}

async function waitForPort(host: string, address: string, port: number, until: number) {
  for (;;) {
    const code = await tryPort(address, port)
    // Without IPv6, ::1 is a name that leads nowhere.
    if (code === undefined || (code === 'EADDRNOTAVAIL' && host === 'localhost') || code === 'EAFNOSUPPORT')
      return
    if (performance.now() > until) throw new Error(explain(code, host, port))
    await delay(50)
  }
}

function tryPort(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen(port, address, () => server.close(() => resolve(undefined)))
  })
}

function explain(code: string, host: string, port: number): string {
  if (code === 'EADDRINUSE') return `Port ${port} is in use by another program: set PORT to a free one.`
  if (code === 'EACCES')
    return `Port ${port} needs more rights than this user has: set PORT to one above 1023.`
  return `Freshet cannot listen on ${host}, port ${port} (${code}): set HOST and PORT to what this machine has.`
}
