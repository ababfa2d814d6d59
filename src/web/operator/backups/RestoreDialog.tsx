import { Modal, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupAnswer } from '@/server/operator/backups/backups';
import type { RestoreBody } from '@/server/operator/backups/restore';
import type { TenantBackupsAnswer } from '@/server/operator/backups/tenants';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange } from '../queries';

type How = RestoreBody['how'];

/** Restores a backup. In place and to another data source the tenant itself changes, so its name has to be typed; as a new tenant nothing is lost. */
export function RestoreDialog({
  backup,
  tenant,
  onClose,
}: {
  backup: BackupAnswer;
  tenant: TenantBackupsAnswer;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const [how, setHow] = useState<How>('as_new_tenant');
  const [isConfirming, setConfirming] = useState(false);
  const [subdomain, setSubdomain] = useState(`${tenant.subdomain}-restored`.slice(0, 63));
  const [table, setTable] = useState('');
  const [source, setSource] = useState('');
  const change = useOperatorChange<unknown, RestoreBody>(['backups', 'tasks'], { showsFailure: true });
  const when = format.moment(backup.asOf);
  const restore = (body: RestoreBody) =>
    change.mutate({ path: `/backups/${backup.id}/restore`, body }, { onSuccess: onClose });
  const command = {
    as_new_tenant: `marquee backup restore ${backup.id.slice(0, 8)} --as ${subdomain}`,
    in_place: `marquee backup restore ${backup.id.slice(0, 8)}${table ? ` --table ${table}` : ''}`,
    to_data_source: `marquee backup restore ${backup.id.slice(0, 8)} --source ${source || 'NAME'}`,
  }[how];
  if (isConfirming && how !== 'as_new_tenant') {
    const confirm = tenant.subdomain;
    return (
      <ConfirmByName
        title={t('backups.restoring.title', { name: tenant.name })}
        name={confirm}
        consequences={[
          table && how === 'in_place'
            ? t('backups.restoring.tableBecomes', { table, when })
            : t('backups.restoring.becomes', { name: tenant.name, when }),
          t('backups.restoring.lost', { when }),
          t('backups.restoring.safety'),
          how === 'to_data_source' ? t('backups.restoring.served', { source }) : t('backups.restoring.waits'),
        ]}
        action={t('backups.restore')}
        isPending={change.isPending}
        error={change.error}
        onClose={onClose}
        onConfirm={() =>
          restore(
            how === 'to_data_source'
              ? { how, confirm, source }
              : { how, confirm, ...(table ? { table } : {}) },
          )
        }
      />
    );
  }
  return (
    <Modal opened onClose={onClose} title={t('backups.restoring.title', { name: tenant.name })} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (how === 'as_new_tenant') restore({ how, subdomain });
          else setConfirming(true);
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('backups.restoring.asOf', { when })}</Text>
          <Radio.Group
            label={t('backups.restoring.how')}
            value={how}
            onChange={(value) => setHow(value as How)}
          >
            <Stack gap="xs" mt="xs">
              {(['as_new_tenant', 'in_place', 'to_data_source'] as const).map((value) => (
                <Radio
                  key={value}
                  value={value}
                  label={t(`backups.restoring.${value}.label`)}
                  description={t(`backups.restoring.${value}.text`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {how === 'as_new_tenant' && (
            <TextInput
              required
              label={t('backups.restoring.subdomain')}
              value={subdomain}
              onChange={(event) => setSubdomain(event.target.value)}
            />
          )}
          {how === 'in_place' && (
            <TextInput
              label={t('backups.restoring.table')}
              description={t('backups.restoring.tableText')}
              value={table}
              onChange={(event) => setTable(event.target.value.trim())}
            />
          )}
          {how === 'to_data_source' && (
            <TextInput
              required
              label={t('backups.restoring.source')}
              value={source}
              onChange={(event) => setSource(event.target.value.trim())}
            />
          )}
          <FormError error={change.error} />
          <Command text={command} />
          <DialogActions
            label={how === 'as_new_tenant' ? t('backups.restore') : t('backups.restoring.continue')}
            onCancel={onClose}
            isPending={change.isPending}
          />
        </Stack>
      </form>
    </Modal>
  );
}
