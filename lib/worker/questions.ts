import type { Question } from '#lib/core/question.ts'
import { answerQuestion, readOpenQuestions } from '#lib/store/probes.ts'
import type { CacheRunner } from './cache-runner.ts'
import { tellTrouble } from './trouble.ts'

/** Answers what the console asks about caches. */
export class Questions {
  readonly #runnerOf: (cacheId: number) => CacheRunner | undefined
  readonly #answering = new Set<bigint>()
  /** What is searched or read right now, one at a time each: it takes the time of visitors and of purges. */
  readonly #busy = new Set<string>()

  constructor(runnerOf: (cacheId: number) => CacheRunner | undefined) {
    this.#runnerOf = runnerOf
  }

  /** Answers every question about a cache of this worker that nobody is answering yet. */
  async answer(): Promise<void> {
    for (const { id, cacheId, question } of await readOpenQuestions()) {
      const runner = this.#runnerOf(cacheId)
      const place = question.is === 'holdings' ? `cache ${cacheId}` : question.is
      if (!runner || this.#answering.has(id) || this.#busy.has(place)) continue
      this.#answering.add(id)
      if (question.is !== 'probe') this.#busy.add(place)
      ask(runner, question)
        .then((result) => answerQuestion(id, result))
        .catch((error) => tellTrouble(`question ${id}`, error))
        .finally(() => {
          this.#answering.delete(id)
          if (this.#busy.delete(place)) this.answer().catch((error) => tellTrouble('questions', error))
        })
    }
  }
}

function ask(runner: CacheRunner, question: Question): Promise<unknown> {
  switch (question.is) {
    case 'probe':
      return runner.probe()
    case 'holdings':
      return runner.holdings(question)
    case 'sitemap':
      return runner.sitemap(question)
  }
}
