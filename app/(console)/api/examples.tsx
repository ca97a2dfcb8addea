import { readFileSync } from 'node:fs'
import path from 'node:path'
import { getTranslations } from '#app/i18n.ts'
import { CopyButton } from '#components/copy-button.tsx'
import { panel } from '#components/ui/classes.ts'

/** Programs that purge; what has no runtime in our tests was not run by them. */
const examples = [
  { file: 'purge.mjs', name: 'Node.js', isRun: true },
  { file: 'purge.py', name: 'Python', isRun: true },
  { file: 'purge.go', name: 'Go', isRun: false },
  { file: 'Purge.java', name: 'Java', isRun: false },
  { file: 'purge.sh', name: 'aliyun', isRun: false },
  { file: 'purge-wait.sh', name: 'freshet', isRun: false },
]

/** In each of them; everything else is as for the vendor. */
const placeholder = 'https://freshet.example.com'

const read = (file: string) => readFileSync(path.join(process.cwd(), 'docs', 'examples', file), 'utf8')

/** Programs to copy and run, with the address of this console in them. */
export async function Examples({ address }: { address: string }) {
  const t = await getTranslations()
  return (
    <div className={panel}>
      {examples.map(({ file, name, isRun }, at) => {
        const text = read(file).replaceAll(placeholder, address)
        return (
          <details key={file} open={at === 0} className="group border-line border-b last:border-b-0">
            <summary className="flex min-h-9 cursor-pointer flex-wrap items-center gap-x-2 px-3 py-1.5">
              <span aria-hidden className="w-2.5 text-muted transition-transform group-open:rotate-90">
                ›
              </span>
              <span className="font-medium">{name}</span>
              <span className="font-mono text-muted text-sm">{file}</span>
              <span className="ml-auto text-muted text-sm">{t(isRun ? 'api.run' : 'api.notRun')}</span>
            </summary>
            <div className="flex flex-col gap-2 border-line border-t bg-sunk p-3">
              <div className="self-end">
                <CopyButton text={text} words={{ copy: t('api.copy'), copied: t('api.copied') }} />
              </div>
              <section aria-label={file} tabIndex={0} className="overflow-x-auto">
                <pre className="font-mono text-sm">{text}</pre>
              </section>
            </div>
          </details>
        )
      })}
    </div>
  )
}
