import { Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewApiKey } from '@/server/api/connections/api-keys';
import { useMakeApiKey } from '../../hooks/company/keys';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { ShownOnce } from '../../ui/ShownOnce';

type Kind = NewApiKey['kind'];
type Role = NonNullable<NewApiKey['role']>;

const KINDS: readonly Kind[] = ['anon', 'scoped', 'service'];
const ROLES: readonly Role[] = ['viewer', 'staff', 'sales', 'manager'];
/** Lifetimes in days; 0 never expires. */
const LIFETIMES = [30, 90, 365, 0];

/** Creates an API key and shows it once. */
export function ApiKeyDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const make = useMakeApiKey();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('anon');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState(0);
  const { data, error, isPending } = make;
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('keys.add')}
      // The key is shown only once, so a click outside must not close the dialog.
      closeOnClickOutside={!data}
    >
      {data ? (
        <ShownOnce
          message={t('keys.madeText')}
          label={data.name}
          description={t(`keys.kindText.${data.kind}`)}
          value={data.key}
          onClose={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            make.mutate({
              name: name.trim(),
              kind,
              ...(kind === 'scoped' ? { role } : {}),
              ...(days ? { expiresInDays: days } : {}),
            });
          }}
        >
          <Stack>
            <TextInput
              label={t('field.name')}
              description={t('keys.nameText')}
              value={name}
              maxLength={100}
              onChange={(event) => setName(event.target.value)}
              data-autofocus
              required
            />
            <Radio.Group label={t('keys.what')} value={kind} onChange={(value) => setKind(value as Kind)}>
              <Stack gap="sm" mt="xs">
                {KINDS.map((value) => (
                  <Radio
                    key={value}
                    value={value}
                    label={t(`keys.kind.${value}`)}
                    description={t(`keys.kindText.${value}`)}
                  />
                ))}
              </Stack>
            </Radio.Group>
            {kind === 'scoped' && (
              <Select
                label={t('field.role')}
                value={role}
                data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
                onChange={(value) => setRole((value ?? role) as Role)}
              />
            )}
            <Select
              label={t('keys.lifetime')}
              value={String(days)}
              data={LIFETIMES.map((value) => ({
                value: String(value),
                label: value ? t('keys.days', { count: value }) : t('keys.noExpiry'),
              }))}
              onChange={(value) => setDays(Number(value))}
            />
            <FormError error={error} />
            <DialogActions
              label={t('keys.make')}
              onCancel={onClose}
              isPending={isPending}
              isDisabled={!name.trim()}
            />
          </Stack>
        </form>
      )}
    </Modal>
  );
}
