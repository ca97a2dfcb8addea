/** Most that a request may bring: 10,000 lines of 1,024 characters and what carries them. */
export const maxBodyBytes = 12 * 2 ** 20

/** Most that it may bring without a session: a sign-in many times over. */
export const maxStrangerBytes = 64 * 2 ** 10
