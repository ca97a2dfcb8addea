import { maxBodyBytes } from './lib/core/body-limits.ts'

/** @type {import('next').NextConfig} */
export default {
  // Tests build apart while a console runs here.
  distDir: process.env.FRESHET_BUILD || '.next',
  poweredByHeader: false,
  reactStrictMode: true,
  // They load native or WebAssembly files that a bundle would lose.
  serverExternalPackages: ['pg', '@prisma/client', '@prisma/adapter-pg', '@node-rs/argon2'],
  turbopack: { root: import.meta.dirname },
  // `npm run check` looks at types; a stranger's first start need not wait for it.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // Without it a page that reads itself again gives way to the browser's own error page when the line is cut.
    useOffline: true,
    // A stranger waits for the build: these save a quarter of it, and traces stay readable without maps.
    turbopackSourceMaps: false,
    serverMinification: false,
    // The door refuses what is longer, and says so.
    serverActions: { bodySizeLimit: maxBodyBytes },
    proxyClientMaxBodySize: maxBodyBytes,
  },
}
