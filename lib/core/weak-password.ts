import type { RuleCode } from './rules.ts'

/** Fewer pieces than these are guessed first; twelve random characters are twelve pieces. */
const fewestPieces = 6
/** A name that is shorter stands by chance in what has nothing to do with it. */
const shortestName = 4
const shortestWalk = 3

/** The alphabet, the digits, rows and columns of keyboards, zigzags between rows, and pads of digits. */
const lines = `abcdefghijklmnopqrstuvwxyz 01234567890
  qwertyuiop qwertzuiop azertyuiop asdfghjkl qsdfghjklm zxcvbnm yxcvbnm
  1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol
  1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6u7i8o9p0 1a2s3d4f5g6h7j8k9l a1s2d3f4g5h6j7k8l9 z1x2c3v4b5n6m7
  12qw34er56ty78ui90op qawsedrftgyhujikolp qwaszxerdfcvtyghbn
  789456123 147258369 159753 357159 456852 112233445566778899 0102030405060708090`.split(/\s+/)
const walks = lines.flatMap((line) => [line, [...line].reverse().join('')])

const shifted = '!@#$%^&*()'
const digits = '1234567890'
const spellings: Record<string, string> = { '@': 'a', $: 's', 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't' }

/** What people choose long passwords from, the longest first. */
const words =
  `correcthorsebatterystaple administrator administrador supermanager basketball basketbal manchester
  liverpool newcastle barcelona realmadrid chocolate christopher alexander jennifer elizabeth stephanie
  butterfly spiderman startrek starwars iloveyou loveyou lovely forever princess sunshine football baseball
  softball volleyball superman batman password passwort passwd motdepasse contrasena parola senha mypassword
  welcome willkommen bienvenue letmein changeme changeit whatever computer internet trustnoi trustno master
  monkey dragon shadow michael jordan charlie jessica michelle ashley nicole daniel andrew joshua matthew
  anthony william thomas hunter ranger harley maverick phoenix mustang corvette mercedes porsche ferrari
  yankees cowboys lakers eagles chelsea arsenal juventus america england germany france china russia
  summer winter spring autumn january february march april june july august september october november
  december monday tuesday wednesday thursday friday saturday sunday admin root login
  secret private default server system network company office business test testing user username guest
  public temp temporary google facebook myspace linkedin amazon microsoft windows apple android samsung
  pokemon minecraft naruto cheese cookie pepper ginger tigger buster banana orange purple yellow flower
  killer soccer hockey tennis golf freedom heaven jesus christ blessed angel lovers family mother father
  sister brother friends friend happy money please hello goodbye nothing unknown anything something the my
  love baby girl boy you and for this is not with only abc fuck bitch asshole pussy sexy motherfucker
  international professional intelligence construction satisfaction supernatural unbelievable cosmopolitan
  photography engineering development university california australia philadelphia sanfrancisco losangeles
  newyork london paris counterstrike needforspeed finalfantasy mortalkombat devilmaycry residentevil
  transformers warhammer playstation sonyericsson harrypotter jamesbond justinbieber metallica linkinpark
  greenday systemofadown cheeseburger peanutbutter strawberry watermelon stratocaster ticketmaster jackson
  leavemealone ingodwetrust thequickbrownfox opensesame lovesme passphrase`
    .split(/\s+/)
    .sort((a, b) => b.length - a.length)

/**
 * Why a password of the right length would be among the first that somebody tries, or null. It asks for
 * no kinds of characters.
 *
 * @param of whose password it is to be
 * @see NIST SP 800-63B, 3.1.1.2: a blocklist of names, repetition, sequences and common passwords
 */
export function weaknessOf(password: string, of: { user: string; account: string }): RuleCode | null {
  const text = password.normalize('NFKC').toLowerCase()
  const plain = squash(text)
  const holds = (name: string) => squash(name).length >= shortestName && plain.includes(squash(name))
  if (holds(of.user)) return 'password-user'
  if (holds(of.account)) return 'password-account'
  if (holds('freshet')) return 'password-product'
  if (repeats(text)) return 'password-repeated'
  return madeOf(text)
}

const squash = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** Whether all of it is a few characters, or a part that would be too short alone, again and again. */
function repeats(text: string): boolean {
  const all = [...text]
  if (new Set(all).size < 4) return true
  const longest = Math.min(11, Math.floor(all.length / 2))
  for (let part = 1; part <= longest; part += 1)
    if (all.every((character, at) => at < part || character === all[at - part])) return true
  return false
}

/** Takes common words and walks for a piece each, as somebody does who guesses. */
function madeOf(text: string): RuleCode | null {
  const all = [...text.replace(/[\s\-_.,]/g, '')]
  const spelled = all.map((character) => spellings[character] ?? character).join('')
  let [at, pieces, common, rest] = [0, 0, false, '']
  while (at < all.length) {
    const word = words.find((one) => spelled.startsWith(one, at))
    if (word && word.length > 3) common = true
    if (word) pieces += 1 + piecesOf(rest)
    rest = word ? '' : rest + all[at]
    at += word?.length ?? 1
  }
  if (pieces + piecesOf(rest) >= fewestPieces) return null
  return common ? 'password-common' : 'password-sequence'
}

/** How many characters there are, where a year, or a walk over the keyboard or the alphabet, is one. */
function piecesOf(text: string): number {
  const typed = [...text].map((key) => digits[shifted.indexOf(key)] ?? key).join('')
  const keys = typed.replace(/(?:19|20)\d\d/g, 'Y')
  let [at, pieces] = [0, 0]
  while (at < keys.length) {
    at += Math.max(sameLength(keys, at), ...walks.map((walk) => runLength(keys, at, walk)))
    pieces += 1
  }
  return pieces
}

/** How far a text follows a walk from a place on; 0 where that is too short to be one. */
function runLength(text: string, from: number, walk: string): number {
  const start = walk.indexOf(text[from] ?? '')
  let length = 0
  while (start >= 0 && start + length < walk.length && text[from + length] === walk[start + length])
    length += 1
  return length >= shortestWalk ? length : 0
}

function sameLength(text: string, from: number): number {
  let length = 1
  while (text[from + length] === text[from]) length += 1
  return length
}
