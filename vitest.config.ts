import { configDefaults, defineConfig } from 'vitest/config'

const rules = ['lib/core/**/*.test.ts', 'lib/*.test.ts', 'components/**/*.test.tsx']

export default defineConfig({
  test: {
    // Most of their time they wait for caches and databases, also on two cores.
    maxWorkers: 3,
    projects: [
      // What `npm run check` runs: no database, no cache, no network.
      { test: { name: 'rules', include: rules } },
      {
        test: {
          name: 'rooms',
          include: ['{app,lib,bin}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...rules],
          env: { FRESHET_SECRET_KEY: Buffer.alloc(32, 'test').toString('base64') },
          globalSetup: 'lib/fleet/test-postgres.ts',
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
})
