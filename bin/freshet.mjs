#!/usr/bin/env node
/*
 * The door of every command: installs the pinned packages where they are missing, finds a Node that runs
 * TypeScript, and hands over to lib/cli/main.ts. It runs before anything is installed and on an older
 * Node than the rest, so it is plain JavaScript and uses no package.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import * as module from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const self = fileURLToPath(import.meta.url)
const root = path.resolve(path.dirname(self), '..')
const inRoot = (...names) => path.join(root, ...names)
const oldestNode = 24

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(inRoot('package-lock.json')))
    .digest('hex')
}

/** npm writes its own record last, so a record that is younger than the lock file means a whole install. */
function isInstalled() {
  const stamp = inRoot('node_modules', '.freshet-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()) return true
  const record = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  return statSync(record).mtimeMs + 5_000 >= statSync(inRoot('package-lock.json')).mtimeMs
}

/** The npm that runs us, else the one on the path. */
function npm(args) {
  const cli = process.env.npm_execpath
  const [command, first] = cli ? [process.execPath, [cli]] : ['npm', []]
  return spawnSync(command, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
}

function install() {
  const started = Date.now()
  console.log('Installing the pinned packages (1.2 GB on disk, about half a minute)…')
  const { status, stderr, error } = npm(['ci', '--ignore-scripts', '--prefer-offline', '--loglevel=error'])
  if (status !== 0) {
    console.error((stderr ?? '').trim())
    fail(`The packages could not be installed: ${error?.message ?? 'npm says why above'}.`)
  }
  console.log(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`)
}

function ensureInstalled() {
  if (isInstalled()) return
  refuseMissingNode()
  install()
  writeFileSync(inRoot('node_modules', '.freshet-lock'), lockHash())
}

const majorVersion = (version) => Number(version.replace('v', '').split('.')[0])
const packagedNode = `node-${process.platform}-${process.arch}`

/** Asked before the install, because waiting for half a minute to hear it would be rude. */
function refuseMissingNode() {
  if (majorVersion(process.version) >= oldestNode) return
  const { optionalDependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
  if (!optionalDependencies[packagedNode]) askForNode()
}

function askForNode() {
  fail(
    `Freshet needs Node ${oldestNode} or newer: this is ${process.version}, and npm installed none for ` +
      `${process.platform} ${process.arch}, so please install it from https://nodejs.org.`,
  )
}

/** The Node that npm installed, here or beside us; it needs glibc, so it is asked whether it runs. */
function findNode() {
  try {
    const file = module.createRequire(self).resolve(`${packagedNode}/bin/node`)
    const version = execFileSync(file, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    if (majorVersion(version) >= oldestNode) return file
  } catch {}
  return askForNode()
}

const main = inRoot('lib', 'cli', 'main.ts')
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Runs the rest on the newer Node; the channel between us tells it when we are gone. */
function handOver(node, args) {
  const child = spawn(node, [self, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
  return () => child.kill('SIGTERM')
}

const linuxFile = (pid, name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')

/** Who runs npm's script: npm itself, or on Debian a shell whose parent is npm. */
function npmProcess() {
  if (process.platform !== 'linux') return process.ppid
  try {
    if (!/^(sh|dash|bash)$/.test(linuxFile(process.ppid, 'comm').trim())) return process.ppid
    return Number(linuxFile(process.ppid, 'stat').split(') ').at(-1).split(' ')[1])
  } catch {
    return undefined
  }
}

/** A killed npm tells nobody, so we look whether it is still above us. */
function endWithNpm(end) {
  if (!process.env.npm_lifecycle_event) return
  const npm = npmProcess()
  const look = () => {
    if (npmProcess() === npm) return
    clearInterval(timer)
    end()
  }
  const timer = setInterval(look, 500)
  timer.unref()
}

const args = process.argv.slice(2)
/** Whether npm put us among the packages of somebody, where there is no lock file and no build. */
const isPackage = root.split(path.sep).includes('node_modules')

/** Commands that only talk to a console need no packages, and read files where they were called. */
function isClient([name = 'help']) {
  return name.startsWith('-') || (/^[a-z]+$/.test(name) && existsSync(inRoot('lib/cli/client', `${name}.ts`)))
}

/** Node strips types from files everywhere but in node_modules. */
function stripTypesHere() {
  // Node warns that its own function for it is new; who purges can do nothing about that.
  process.removeAllListeners('warning')
  const ours = pathToFileURL(inRoot('lib')).href
  module.registerHooks({
    load(url, context, next) {
      if (!url.startsWith(ours) || !url.endsWith('.ts')) return next(url, context)
      const source = module.stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

if (!isClient(args) && !isPackage) {
  process.chdir(root)
  ensureInstalled()
}
if (majorVersion(process.version) >= oldestNode) {
  endWithNpm(() => process.kill(process.pid, 'SIGTERM'))
  if (isPackage) stripTypesHere()
  process.argv = [process.execPath, main, ...args]
  await import(main)
} else {
  endWithNpm(handOver(findNode(), args))
}
