import type { Metadata } from 'next'
import Link from 'next/link'
import { getTranslations } from '#app/i18n.ts'
import { requireCaller } from '#app/session.ts'
import { ConfirmForm } from '#components/confirm-form.tsx'
import { Denied, denial, ifPermitted } from '#components/denied.tsx'
import { primaryButton } from '#components/ui/classes.ts'
import { Fault } from '#lib/core/fault.ts'
import { rowsOfPage } from '#lib/core/list-part.ts'
import { mayAnywhere } from '#lib/core/policy.ts'
import {
  changeAccessKey,
  createAccessKey,
  deleteAccessKey,
  listAccessKeys,
} from '#lib/operations/access-keys.ts'
import { listUsers } from '#lib/operations/save-user.ts'
import { AccessHead } from '../access-head.tsx'
import { type AskedPart, addressOf, PartOfList, partOf } from '../list-part.tsx'
import { deleteKeyAction } from './actions.ts'
import { ChangeKeyForm, CreateKeyForm } from './key-forms.tsx'
import { KeyTable } from './key-table.tsx'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations())('access.keys.title') }
}

type Asked = AskedPart & { create?: string; change?: string; delete?: string }

export default async function KeysPage({ searchParams }: { searchParams: Promise<Asked> }) {
  const caller = await requireCaller('/access/keys')
  const asked = await searchParams
  const part = partOf(asked)
  const [t, keys] = await Promise.all([getTranslations(), listAccessKeys(caller, part).catch(denial)])
  if (keys instanceof Fault) {
    const needs = t('policy.needs', { action: listAccessKeys.action })
    return <Denied title={t('access.keys.title')} sentence={t('access.keys.denied')} needs={needs} />
  }
  const mayCreate = mayAnywhere(caller, createAccessKey.action)
  const mayChange = mayAnywhere(caller, changeAccessKey.action)
  const mayDelete = mayAnywhere(caller, deleteAccessKey.action)
  const back = addressOf('/access/keys', part)
  const named = asked.change ?? asked.delete
  const found = named === undefined ? [] : await listAccessKeys(caller, { search: named })
  const changed = found.find((key) => key.id === asked.change)
  const deleted = found.find((key) => key.id === asked.delete)
  return (
    <>
      <AccessHead caller={caller} at="keys">
        {mayCreate ? (
          <Link href="/access/keys?create=" className={primaryButton}>
            {t('access.keys.create')}
          </Link>
        ) : null}
      </AccessHead>
      {mayCreate && asked.create !== undefined ? (
        <CreateKeyForm
          users={(await ifPermitted(listUsers(caller, {}), []))
            .filter((user) => user.state !== 'disabled')
            .map(({ id, name }) => ({ id, name }))}
          chosen={asked.create}
        />
      ) : null}
      {mayChange && changed ? <ChangeKeyForm key={changed.id} accessKey={changed} back={back} /> : null}
      {mayDelete && deleted ? (
        <ConfirmForm
          isRemoval
          action={deleteKeyAction}
          id={deleted.id}
          question={t('access.keys.deleteConfirm', { id: deleted.id, name: deleted.userName })}
          yes={t('access.keys.deleteYes')}
          back={back}
        />
      ) : null}
      {keys.length === 0 && part.search === '' ? (
        <p className="rounded-lg border border-line border-dashed px-4 py-10 text-center text-muted">
          {t('access.keys.none')}
        </p>
      ) : (
        <PartOfList path="/access/keys" part={part} count={keys.length}>
          <KeyTable
            keys={keys.slice(0, rowsOfPage)}
            back={back}
            mayChange={mayChange}
            mayDelete={mayDelete}
          />
        </PartOfList>
      )}
    </>
  )
}
