import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { guard } from '#lib/fleet/sentinel.ts'
import { freePort, launch, readSetupLink, stateFolder } from './launch.ts'

/** A product that was started as a stranger would, on a port and a state folder of its own. */
export type Product = {
  url: string
  /** The API on a port of its own. */
  apiUrl: string
  setup: string
  state: string
  stop(): Promise<void>
}

/** Those that start at the same moment may choose the same ports for their demos: all but one begin anew, apart. */
export async function startProduct(tries = 5): Promise<Product> {
  try {
    return await tryToStart()
  } catch (error) {
    if (!/in use/.test(String(error)) || tries === 1) throw error
    await delay(Math.random() * 3_000)
    return startProduct(tries - 1)
  }
}

async function tryToStart(): Promise<Product> {
  const state = stateFolder('product')
  const [port, apiPort] = [await freePort(), await freePort()].map(String) as [string, string]
  const product = launch({ FRESHET_STATE: state, PORT: port, FRESHET_API_PORT: apiPort })
  const unguard = guard(product.child.pid as number, 'TERM', 5_000)
  const setup = await readSetupLink(product).catch((error) => {
    rmSync(state, { recursive: true, force: true })
    throw error
  })
  return {
    ...{ url: new URL(setup).origin, apiUrl: `http://localhost:${apiPort}`, setup, state },
    async stop() {
      product.child.kill('SIGTERM')
      await product.ended
      unguard()
      rmSync(state, { recursive: true, force: true })
    },
  }
}
