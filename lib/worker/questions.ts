import type { Question } from '#lib/core/question.ts'
import { answerQuestion, readOpenQuestions } from '#lib/store/probes.ts'
import type { CacheRunner } from './cache-runner.ts'
import { tellTrouble } from './trouble.ts'

/** Answers what the console asks about caches. */
export class Questions {
  readonly #runnerOf: (cacheId: number) => CacheRunner | undefined
  readonly #answering = new Set<bigint>()

  constructor(runnerOf: (cacheId: number) => CacheRunner | undefined) {
    this.#runnerOf = runnerOf
  }

  /** Answers every question about a cache of this worker that nobody is answering yet. */
  async answer(): Promise<void> {
    for (const { id, cacheId, question } of await readOpenQuestions()) {
      const runner = this.#runnerOf(cacheId)
      if (!runner || this.#answering.has(id)) continue
      this.#answering.add(id)
      ask(runner, question)
        .then((result) => answerQuestion(id, result))
        .catch((error) => tellTrouble(`question ${id}`, error))
        .finally(() => this.#answering.delete(id))
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
